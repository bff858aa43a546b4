# NASBench201: the space of NAS-Bench-201 (Dong and Yang, 2020) on CIFAR-10: one cell of six edges, each with one of five
# operations, 15,625 in all; the networks have from 73,306 to 1,531,546 parameters. `none` may stand in what `dslnas import`
# reads; a search leaves it on no edge, and chooses among 4,096.
use "lib/darts.nas"
use "lib/methods.nas"

op nor_conv(k, affine = false) = x -> relu -> conv(k) -> bn(affine: affine)

# A basic block of ResNet whose shortcut is a mean; it halves the size between two stages.
op residual(out) {
    let h = x -> relu -> conv(3, out, stride: 2) -> bn(affine: true) -> relu -> conv(3, out) -> bn(affine: true)
    h + (x -> avgpool(2, 2) -> conv(1, out))
}

# The network is searched with norms without weights in its cells, and trained with weights (`affine`).
space NASBench201(channels = 16, repeat = 5, affine = by_profile(false)) {
    candidates {
        none         = none
        skip_connect = skip
        nor_conv_1x1 = nor_conv(1, affine)
        nor_conv_3x3 = nor_conv(3, affine)
        avg_pool_3x3 = avg_pool(3, norm: false)
    }
    cell normal(prev) {
        node n[1..2]    = sum(choose candidates(p) for p in earlier)
        node last[1..1] = sum(choose candidates(p) for p in earlier)
        concat(last)
    }

    network = input
        -> conv(3, channels)                           -> bn(affine: true)
        -> repeat times normal                         -> residual(2 * channels)
        -> repeat times normal(channels: 2 * channels) -> residual(4 * channels)
        -> repeat times normal(channels: 4 * channels)
        -> bn(affine: true) -> relu -> global_pool -> real_imag -> linear(classes)
}

experiment {
    space:  NASBench201
    method: darts201
    data:   cifar10
}
