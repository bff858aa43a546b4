# Choices: any short recording, where what is searched is not an edge but what a layer is made of: its activation, its norm,
# how its branches join, and which block it is.
use "lib/blocks.nas"
use "lib/methods.nas"

op act  = choose {relu, silu, hardswish}
op norm = choose {bn(affine: true), inorm(affine: true), gn(4, affine: true)}

# Two branches, of time and of frequency, that meet in a sum, a bounded product or a difference.
op joined {
    let a = x -> dwconv((1, 5)) -> norm
    let b = x -> dwconv((5, 1)) -> norm
    choose {a + b, a * (b -> sigmoid), a - b} -> act -> conv(1, C_in)
}
op plain = x -> conv(3, C_in) -> norm -> act

space Choices(channels = 12) {
    let block = x + (x -> choose {joined, plain, squeeze_excite} -> drop_path(0.1))

    network {
        let stem = input -> conv(3, channels, stride: 2) -> bn(affine: true) -> act
        let slow = stem -> 2 times block -> maxpool(2, (2, 1))
        let fast = stem -> conv((5, 1), channels, stride: (2, 1)) -> norm -> block
        concat(slow, fast) -> conv(1, 2 * channels) -> norm -> act -> block
            -> global_pool -> dropout(0.2) -> linear(classes)
    }
}

# Layers have no edges to choose from: FairDARTS without its regularizer of edges.
method fair_choices = fairdarts with {
    loss: cross_entropy + 10 * zero_one(alpha)
}

experiment {
    space:          Choices
    method:         fair_choices
    train.channels: 24
}
