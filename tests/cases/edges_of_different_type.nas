use "lib/darts.nas"
space S(nodes = 2, channels = 16, repeat = 1) {
    candidates {
        a = sep_conv(3)
        b = dil_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> conv(1, 2 * C)
        node n[1..nodes] = sum(p for p in earlier)
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, channels) -> normal -> reduction -> normal -> global_pool -> linear(classes)
}
