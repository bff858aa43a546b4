use "lib/darts.nas"
op f = x -> conv(3, 2 * C, stride)
space S(nodes = 2, channels = 16, repeat = 1) {
    candidates {
        a = sep_conv(3)
        b = f
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input
        -> conv(3, channels) -> bn
        -> repeat times normal -> reduction(channels: 2C)
        -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> choose {conv(3), conv(3, 2 * channels)} -> global_pool
}
space U(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, channels + choose {relu, 3}) -> global_pool -> linear(classes)
}
op g = x + choose {x -> relu, 3}
space V(channels = 16) {
    network = input -> g -> global_pool -> linear(classes)
}
