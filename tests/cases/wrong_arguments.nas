op f(k) = x -> conv(k)
space S(channels) {
    cell c() {
        concat(input)
    }
    cell d(prev = 3) {
        prev -> relu
    }
    network = input -> c -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> f -> global_pool -> linear(classes)
}
space U(channels = 16) {
    network = input -> conv(3, channels) -> f(3, 5) -> global_pool -> linear(classes)
}
space V(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, kernel: 3) -> global_pool -> linear(classes)
}
space W(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, 16, 1, 2) -> global_pool -> linear(classes)
}
space X(channels = 16) {
    network = input -> conv(3, channels) -> linear() -> global_pool -> linear(classes)
}
