op f = x -> 900 times relu
op g = x -> 900 times f
space S(channels = 16) {
    network = input -> conv(3, channels) -> g -> global_pool -> linear(classes)
}
