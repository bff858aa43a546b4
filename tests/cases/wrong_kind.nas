use "lib/darts.nas"
space NoNetwork {
    candidates { a = skip }
}
space S(channels = 4) {
    cell normal(prev) {
        node n[1..2] = concat(prev)
        concat(n)
    }
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> (x + time) -> relu -> global_pool -> linear(classes)
}
op f = x -> conv(3) - x
op g = x -> add
op h = 3
space U(channels = 16) {
    network = input -> conv(3, channels) -> f -> g -> h -> global_pool -> linear(classes)
}
space V(channels = 16) {
    network = input -> conv(3, channels) -> g -> global_pool -> linear(classes)
}
space W(channels = 16) {
    network = input -> conv(3, channels) -> h -> global_pool -> linear(classes)
}
