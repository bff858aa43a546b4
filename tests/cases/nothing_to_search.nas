space Fixed(channels = 8) {
    network = input -> conv(3, channels) -> bn -> relu -> global_pool -> linear(classes)
}
experiment {
    space:  Fixed
    method: darts
}
