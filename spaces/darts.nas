# DARTS: the space of DARTS (Liu et al., 2019) on CIFAR-10 and, with `repeat` 6 and `affine`, its evaluation network.
use "lib/darts.nas"
use "lib/methods.nas"

# The network is searched with 8 cells of 16 channels, norms without weights; what is found is trained with 20 cells of
# 36 channels, norms with weights, and none after a pool. The reductions stand at one and two thirds of the depth.
space DARTS(nodes = by_profile(4), channels = by_profile(16), repeat = by_profile(2), affine = by_profile(false)) {
    candidates {
        none         = none
        max_pool_3x3 = max_pool(3, norm: affine == false)
        avg_pool_3x3 = avg_pool(3, norm: affine == false)
        skip_connect = skip(affine)
        sep_conv_3x3 = sep_conv(3, affine)
        sep_conv_5x5 = sep_conv(5, affine)
        dil_conv_3x3 = dil_conv(3, affine)
        dil_conv_5x5 = dil_conv(5, affine)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev, affine)
        let b = prev  -> align(prev, affine)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }

    network = input
        -> conv(3, 3 * channels) -> bn(affine: true)
        -> repeat times normal -> reduction(channels: 2C)
        -> repeat times normal -> reduction(channels: 2C)
        -> repeat times normal
        -> global_pool -> real_imag -> linear(classes)
}

experiment {
    space:  DARTS
    method: darts
    data:   cifar10
}
