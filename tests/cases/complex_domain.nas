use "lib/darts.nas"
space S(nodes = 2, channels = 16, repeat = 1, domain = complex) {
    candidates {
        a = sep_conv(3)
        b = dil_conv(3)
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
        -> gru(8) -> last -> linear(classes)
}
