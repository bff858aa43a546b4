# NASC: the layer-wise space of NASC-net (Li et al., 2020): twenty inverted bottlenecks whose depthwise kernels
# lie along time and along frequency in turn, each with a kernel and an expansion of its own, then a recurrent head.
# The paper's table of layers is not public. This reconstruction comes to the parameters and the multiply-accumulates
# that it gives for its baseline (nasc_baseline.nas). No convolution has a bias; a norm with weights follows each.
use "lib/methods.nas"

op norm = x -> bn(affine: true)

op mb(out, along, k = choose {3, 5, 7}, expand = choose {3, 6}, stride = 1) {
    let h = x
        -> conv(1, expand * C_in)          -> norm -> relu6
        -> dwconv(k, stride, along: along) -> norm -> relu6
        -> conv(1, out)                    -> norm
    if stride == 1 and C_in == out then x + h else h
}

space NASC {
    network = input
        -> conv(3, 16)             -> norm -> relu6
        -> mb(32, time)            -> mb(32, frequency, stride: 2)
        -> mb(32, time)            -> mb(32, frequency)
        -> mb(40, time, stride: 2) -> mb(40, frequency, stride: 2)
        -> mb(40, time)            -> mb(40, frequency)
        -> mb(80, time, stride: 2) -> mb(80, frequency)
        -> mb(80, time)            -> mb(80, frequency)
        -> mb(96, time)            -> mb(96, frequency)
        -> mb(96, time)            -> mb(96, frequency)
        -> mb(192, time, choose {5, 7}, choose {3, 6, 8}, stride: 5)
        -> mb(192, frequency, stride: 2)
        -> mb(192, time)             -> mb(192, frequency)
        -> conv((5, 1), 192, pad: 0) -> norm -> relu6  # one filter over all that is left of frequency
        -> gru(256, layers: 2)       -> last
        -> linear(128)               -> relu -> linear(classes)
}

experiment {
    space:              NASC
    method:             nasc
    data:               dcase2018
    frontend:           scene
    train.lr:           3e-3
    train.weight_decay: 1e-6
}
