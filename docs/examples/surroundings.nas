# Surroundings: rain, dogs, engines. Residual blocks, each of which looks along time, along frequency, or along both.
op block(k, along) {
    let h = x -> dwconv(k, along: along) -> conv(1) -> bn -> relu
    h + x
}
op both(k)  = x -> block(k, time) -> block(k, frequency)
op searched = x -> choose {block(5, time), block(9, time), block(5, frequency), both(3)}
op halve    = x -> choose {maxpool(3, 2), avgpool(3, 2)} -> conv(1) -> bn -> relu

space Surroundings(channels = 24) {
    network = input
        -> conv(3, channels) -> bn -> relu -> halve
        -> 3 times searched -> halve
        -> 3 times searched -> halve
        -> 2 times searched
        -> global_pool -> linear(classes)
}

experiment {
    space:        Surroundings
    method:       darts
    frontend:     logmel(56, rate: 22050Hz, clip: 5s, window: 92.9ms, hop: 34.4ms)
    search.batch: 8
    train.batch:  8
    train.lr:     0.05
}
