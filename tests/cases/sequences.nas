space S(channels = 16) {
    network = input -> conv(3, channels) -> last -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> global_pool -> gru(channels, layers: 2) -> last -> linear(classes)
}
space U(channels = 16) {
    network = input -> conv(3, channels) -> gru(channels, layers: 0) -> linear(classes)
}
space V(channels = 16) {
    network = input -> conv(3, channels) -> gru(choose {channels, 2 * channels}) -> last
}
