# SS1: the space of DARTS (Liu et al., 2019) without `none`, on cells with two inputs, as in the ForceDARTS paper.
use "lib/darts.nas"
use "lib/methods.nas"

space SS1(nodes = by_profile(4), channels = by_profile(16), repeat = by_profile(2), domain = real) {
    candidates {
        max_pool_3x3 = max_pool(3)
        avg_pool_3x3 = avg_pool(3)
        skip_connect = skip
        sep_conv_3x3 = sep_conv(3)
        sep_conv_5x5 = sep_conv(5)
        dil_conv_3x3 = dil_conv(3)
        dil_conv_5x5 = dil_conv(5)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }

    network = input
        -> conv(3, 3 * channels) -> bn(affine: true)
        -> repeat times normal -> reduction(channels: 2C)
        -> repeat times normal -> reduction(channels: 2C)
        -> repeat times normal -> reduction
        -> global_pool -> linear(128) -> relu -> real_imag -> linear(classes)
}

experiment {
    space:  SS1
    method: forcedarts
}
