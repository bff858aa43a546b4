# Squeeze and excitation written out, differences, fixed and learned factors, and sizes halved along one axis.
op gate(r = 4) = x * (x -> global_pool -> linear(C_in / r) -> relu -> linear(C_in) -> sigmoid)

op edges {
    let a = x -> maxpool(3)
    let b = x -> avgpool(3)
    (a - b) + 0.5 * a + (b -> scaled(0.1))
}

space Gates(channels = 8) {
    network = input
        -> conv(3, channels, stride: (2, 1)) -> bn -> relu -> gate -> maxpool(2, 2)
        -> choose {edges, gate} -> spatial_dropout(0.1) -> global_pool -> linear(classes)
}
experiment {
    space:  Gates
    method: darts
    data:   fsdd
}
