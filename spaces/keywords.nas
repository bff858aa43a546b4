# Keywords: a layer-wise space of small networks for short words: 5,000 to 280,000 parameters on 32 x 32 log-mels. Three
# stages, each half as large as the one before, choose their width and their depth. A block listens along time, along
# frequency or in a square, then it mixes its channels. One choice follows the other, so that they do not multiply:
# twelve paths of a fair supernet give every option its turn, those of a second block too. No convolution has a bias; a
# norm with weights follows each.
use "lib/methods.nas"

op norm = x -> bn(affine: true)

# A kernel is (frequency, time), or the side of a square.
op listen(kernel = choose {(1, 3), (3, 1), 3, (1, 5), (5, 1), 5}) = x -> dwconv(kernel) -> norm

op mix(expand = choose {1, 2, 4}) = x
    -> conv(1, expand * C_in) -> norm -> relu
    -> conv(1, C_in)          -> norm

# What a block adds begins small (as in Touvron et al., 2021): paths that mix six kernels at random would drown the rest.
op block = x + (x -> listen -> mix -> scaled(0.1))

op enter(out, stride = 2) = x -> dwconv(3, stride) -> norm -> conv(1, out) -> norm -> relu

space Keywords {
    network = input
        -> conv(3, 8, stride: 2)             -> norm -> relu
        -> enter(choose {16, 32}, stride: 1) -> choose {1, 2} times block  # 16 x 16
        -> enter(choose {24, 48})            -> choose {1, 2} times block  # 8 x 8
        -> enter(choose {24, 56, 112})       -> choose {1, 2} times block  # 4 x 4
        -> global_pool                       -> linear(classes)
}

experiment {
    space:              Keywords
    method:             sketch
    search.steps:       1200  # of four paths each
    train.lr:           3e-3
    train.weight_decay: 1e-4
}
