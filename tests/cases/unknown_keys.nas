use "lib/darts.nas"
space S(nodes = 2, channels = 16, repeat = 1) {
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
    netwrk = input
        -> conv(3, channels) -> bn
        -> repeat times normal -> reduction(channels: 2C)
        -> global_pool -> linear(classes)
}
space T = U with {
    candidates.a: skip
    chanels: 3
    nodes = 4
    reduction.strid: 2
}
space U(nodes = 2, channels = 16, repeat = 1) {
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
    cell reduction = normal with { strides: 2 }
    network = input
        -> conv(3, channels) -> bn
        -> repeat times normal -> reduction(channels: 2C)
        -> global_pool -> linear(classes)
}
method m = darts with {
    los: cross_entropy
    arch: adam(lr: 1, weight: 2)
}
method darts {
    loss: cross_entropy
    clip = 5
}
profile p {
    frontend: logmel(32)
    real.serch: (batch: 3)
    real.train: (bach: 3, epochs: 4)
}
experiment {
    spce: S
    serch.epochs: 3
}
