use "lib/darts.nas"
op f(k) = x -> conv(k) -> choose {conv(3, C), (x -> dwconv(choose {3, 5})) + (x -> conv(1, 2 * C))}
space S(nodes = 2, channels = 16, repeat = 1) {
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(p -> conv(choose {1, 3}) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, channels) -> bn -> reduction(channels: 2C) -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> f(choose {1, 3}) -> global_pool -> linear(classes)
}
