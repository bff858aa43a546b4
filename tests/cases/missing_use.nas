space Mine(channels = 16) {
    network = input -> conv(3, channels) -> sep_conv(3) -> global_pool -> linear(classes)
}
space Other = SS1 with {
    nodes: 2
}
method mine = darts with {
    mix.edges: sigmoid
}
