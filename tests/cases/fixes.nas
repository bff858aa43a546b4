use "ss1.nas"

op layer(k = choose {3, 5, 7}, grow = choose {1, 2}) = x -> conv(k, grow * C_in) -> conv(1, C_in)

genotype found of SS1 {
    cell normal(a, b) {
        node n1 = skip_connect(a) + skip_connect(b)
        output: n1
    }
}
space Missing = SS1 with foundd
space NoSuchCell = SS1 with found.reduction

space Layers(channels = 4) {
    network = input -> conv(3, channels) -> layer -> choose {relu, tanh} -> layer
        -> global_pool -> linear(classes)
}
space Fixed = Layers with {
    network.layer.k: 3
    network.layer_2.k: 9
}
space Option = Layers with { network.choose_1: rely }
space Named = Layers with { network.layer.k = 3 }
space Unknown = Layers with {
    network.later.k: 3
    network.layer_1.grow: 2
}
