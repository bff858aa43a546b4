# Activations, norms and joins are chosen, in each of four layers anew.
op act  = choose {relu, silu, gelu, hardswish}
op norm = choose {bn, inorm, ln, gn(4)}

op joined {
    let a = x -> dwconv(3) -> norm
    let b = x -> conv(1, C_in) -> act
    choose {a + b, a * b, a - b}
}

space Layers(channels = 8) {
    network = input
        -> conv(3, channels, stride: 4) -> norm -> act
        -> 4 times choose {joined, x -> dwconv(5) -> norm -> act}
        -> global_pool -> dropout(0.1) -> linear(classes)
}
experiment {
    space:  Layers
    method: darts
    data:   fsdd
}
