use "lib/darts.nas"
op mine(k) = x -> relu -> dwconv(k, stride, dilation: 2) -> conv(1) -> bn
space S(nodes = 2, channels = 16, repeat = 1) {
    candidates {
        a = dil_conv(3)
        b = sep_conv(5)
        c = sep_conv(k: 5)
        d = mine(3)
        e = dil_conv(3)
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
    network = input -> conv(3, channels) -> choose {relu, tanh, relu} -> global_pool -> linear(classes)
}
