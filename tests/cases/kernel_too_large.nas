# load: --data sc09
space S(channels = 16) {
    network = input -> conv(3, channels) -> conv(99, pad: 0) -> global_pool -> linear(classes)
}
