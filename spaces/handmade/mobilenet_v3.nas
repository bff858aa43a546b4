# MobileNetV3 (Howard et al., 2019: table 2), the small one, as in torchvision but for its dropout: 2,542,856 parameters for a
# thousand classes of images of three channels. Its squeeze-and-excitation goes through a fourth of the channels, rounded to a
# multiple of eight. 56.5 million multiply-accumulates at 224 x 224, 56 in the paper.
use "lib/blocks.nas"

op narrowed(share) = x * (x -> global_pool -> linear(share) -> relu -> linear(C_in) -> hardsigmoid)

# The inverted bottleneck: `wide` channels within, `share` of its squeeze-and-excitation, none where it is 0.
op bneck(out, k, wide, share, hard = true, stride = 1) {
    let a = if wide == C_in then x else x -> conv(1, wide) -> bn(affine: true) -> bend(hard)
    let b = a -> dwconv(k, stride) -> bn(affine: true) -> bend(hard)
    let h = (if share == 0 then b else b -> narrowed(share)) -> conv(1, out) -> bn(affine: true)
    if stride == 1 and C_in == out then x + h else h
}
op bend(hard) = if hard then x -> hardswish else x -> relu

space MobileNetV3Small {
    network = input
        -> conv(3, 16, stride: 2) -> bn(affine: true) -> hardswish
        -> bneck(16, 3, 16, 8, false, stride: 2)
        -> bneck(24, 3, 72, 0, false, stride: 2) -> bneck(24, 3, 88, 0, false)
        -> bneck(40, 5, 96, 24, stride: 2)       -> 2 times bneck(40, 5, 240, 64)
        -> bneck(48, 5, 120, 32)                 -> bneck(48, 5, 144, 40)
        -> bneck(96, 5, 288, 72, stride: 2)      -> 2 times bneck(96, 5, 576, 144)
        -> conv(1, 576)                          -> bn(affine: true) -> hardswish -> global_pool
        -> linear(1024)                          -> hardswish        -> linear(classes)
}
