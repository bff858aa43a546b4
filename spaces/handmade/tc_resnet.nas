# TC-ResNet (Choi et al., 2019: Temporal convolution for real-time keyword spotting), as in hyperconnect/TC-ResNet: bands are
# channels, and convolutions go along time alone. `width` is 8 times the width multiplier. It reads 40 MFCCs, a window of 30 ms
# every 10 ms; here 40 bands. Its last layer has no bias, ours has one for each class; the second head of its code is left out.
# The paper has 66 and 137 thousand parameters of 12 words for 8 and 14 layers, 145 and 305 thousand at 1.5 times the width.
op down(out) {
    let h = x -> conv((1, 9), out, (1, 2)) -> bn(affine: true) -> relu -> conv((1, 9), out) -> bn(affine: true)
    h + (x -> conv(1, out, (1, 2)) -> bn(affine: true) -> relu) -> relu
}
op same = (x -> conv((1, 9), C_in) -> bn(affine: true) -> relu -> conv((1, 9), C_in) -> bn(affine: true)) + x -> relu

space TCResNet8(width = 8) {
    network = input
        -> fold -> conv((1, 3), 2 * width) -> bn(affine: true) -> relu
        -> down(3 * width) -> down(4 * width) -> down(6 * width)
        -> global_pool -> linear(classes)
}
space TCResNet14(width = 8) {
    network = input
        -> fold -> conv((1, 3), 2 * width) -> bn(affine: true) -> relu
        -> down(3 * width) -> same -> down(4 * width) -> same -> down(6 * width) -> same
        -> global_pool -> linear(classes)
}
space TCResNet8Wide  = TCResNet8 with { width: 12 }  # 1.5 times as wide
space TCResNet14Wide = TCResNet14 with { width: 12 }

experiment {
    space:    TCResNet8
    frontend: logmel(40, window: 30ms, hop: 10ms)
}
