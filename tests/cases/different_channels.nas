space S(channels = 16) {
    network = input -> conv(3, channels) -> ((x -> conv(3, 2 * channels)) + x) -> global_pool -> linear(classes)
}
