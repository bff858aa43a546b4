space S(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, kernl: 3) -> global_pool -> linear(classes)
}
op f(k) = x -> conv(k)
space T(channels = 16) {
    network = input -> conv(3, channels) -> f(n: 3) -> global_pool -> linear(classes)
}
