space S(channels = 16) {
    network = input -> conv(3, channels) -> linear(3) -> conv(3) -> global_pool -> linear(classes)
}
