use "ss1.nas"

op layer(k = choose {3, 5}) = x -> dwconv(k) -> conv(1) -> bn

space Deep(channels = 8) {
    network = input -> conv(3, channels) -> choose {1, 2} times layer -> global_pool -> linear(classes)
}
space Fixed(channels = 8, wide = 2) {
    network = input -> conv(3, wide * channels) -> relu -> global_pool -> linear(classes)
}

sweep wrong {
    spaces:         SS1, Deep, SS2, Fixed, Deep
    methods:        darts, fairdart, nasc
    domains:        reel
    data:           fsdd, fsd
    searches:       0
    retrains:       2, 3
    baselines:      SS1, Fixed
    search.nods:    3
    search.wide:    4
    search.epochs:  1, 2
}
sweep one {
    spaces:        SS1
    methods:       darts
    train.batch:   4
}
sweep two {
    spaces:      SS1
    methods:     darts
    train.batch: 8
}
sweep three {
    methods: darts
}
sweep four {
    spaces: SS1
}
sweep five {}
sweep two {
    spaces = SS1
}
sweep many {
    spaces:   SS1
    methods:  darts
    searches: 600
}
