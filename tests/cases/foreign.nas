# Spellings of other languages and libraries.
space Norms(channels = 16) {
    network = input -> conv(3, channels) -> layer_norm -> global_pool -> linear(classes)
}
space Keyword(channels = 16) {
    network = input -> conv(3, channels) -> in -> global_pool -> linear(classes)
}
space Division(channels = 16) {
    network = input -> conv(3, channels // 2) -> global_pool -> linear(classes)
}
space Or(channels = 16) {
    network = input -> conv(3, channels) -> (relu | silu) -> global_pool -> linear(classes)
}
space Shares(channels = 16) {
    network = input -> conv(3, channels) -> global_pool -> fc(10) -> linear(classes) -> softmax
}
space Probabilities(channels = 16) {
    network = input -> conv(3, channels) -> global_pool -> linear(classes) -> softmax
}
method names {
    let rate = 3e-4
    loss: cross_entropy
}
