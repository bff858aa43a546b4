space S(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, 7 / 2) -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, 0) -> global_pool -> linear(classes)
}
space U(channels = 16) {
    network = input -> conv(3, channels) -> conv(3, 10000000000000) -> global_pool -> linear(classes)
}
use "lib/darts.nas"
space V(nodes = 2, channels = 16, repeat = 1) {
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
    network = input -> conv(3, 5) -> normal(channels: 5 / 2) -> global_pool -> linear(classes)
}
