use "lib/darts.nas"
op f = if stride == 1 then x -> conv(3) else x -> conv(3, C, stride) + x
op g = if stride == 1 then x else nowhere
space S(nodes = 2, channels = 16, repeat = 1) {
    candidates {
        a = sep_conv(3)
        b = f
        c = g
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
