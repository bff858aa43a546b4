space S(channels = 16) {
    network = input -> conv(3, channels) -> conv(0) -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, stride: 0) -> global_pool -> linear(classes)
}
space U(channels = 16) {
    network = input -> conv(3, channels) -> bn(affine: 3) -> global_pool -> linear(classes)
}
space V(channels = 16) {
    network = input -> conv(3, channels) -> (if 3 then x else x) -> global_pool -> linear(classes)
}
space W(channels = 16) {
    network = input -> conv(3, channels) -> 1.5 times relu -> global_pool -> linear(classes)
}
space X(channels = 16) {
    network = input -> conv(3, channels) -> conv(3 / 0) -> global_pool -> linear(classes)
}
space Y(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, along: sideways) -> global_pool -> linear(classes)
}
space Z(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, channels + 5ms) -> global_pool -> linear(classes)
}
space D(domain = compleks, channels = 1000000000000) {
    network = input -> global_pool -> linear(classes)
}
