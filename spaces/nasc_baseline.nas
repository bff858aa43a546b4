# The baseline of NASC-net: every choice of NASC is made, kernel 3 (layer 17: 5) and expansion 6. Nothing is left to
# search: `dslnas plan` counts it and `dslnas train` trains it. 3.312 M parameters and 2.030 G multiply-accumulates,
# where the paper gives 3.31 M and 2.03 G.
use "nasc.nas"

space NASCBaseline = NASC with {
    network.mb.k:      3
    network.mb.expand: 6
    network.mb_17.k:   5
}

experiment {
    space:              NASCBaseline
    method:             nasc
    data:               dcase2018
    frontend:           scene
    train.lr:           3e-3
    train.weight_decay: 1e-6
}
