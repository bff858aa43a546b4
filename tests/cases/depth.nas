use "lib/methods.nas"
op deep = x -> choose {1, 2} times conv(3)
space InCell(nodes = 2, channels = 16) {
    candidates {
        a = conv(3)
        b = deep
    }
    cell normal(prev) {
        node n[1..nodes] = sum(choose candidates(p) for p in earlier)
        concat(n)
    }
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}
space NotWhole(channels = 16) {
    network = input -> choose {1, 1.5} times conv(3, channels) -> global_pool -> linear(classes)
}
space OneFails(channels = 16) {
    network = input -> conv(3, choose {channels, 2 * channels}) -> choose {0, 1} times (x + (x -> conv(3, channels)))
        -> global_pool -> linear(classes)
}
space Sound(channels = 16) {
    network = input -> choose {1, 2} times conv(3, channels) -> conv(3, choose {8, 16}) -> deep
        -> choose {relu, maxpool(3, stride: 2)} -> global_pool -> linear(classes)
}
experiment {
    space:  Sound
    method: darts
}
