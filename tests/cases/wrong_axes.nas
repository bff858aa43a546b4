space S(channels = 16) {
    network = input -> conv(3, channels) -> global_pool -> conv(3) -> global_pool -> linear(classes)
}
