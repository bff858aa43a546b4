# ResNet18: the residual network of He et al. (2016) as a baseline without choices: `dslnas run resnet18` trains it. Its
# stem is a 3x3 convolution of stride 1 over one channel, for small inputs, then the max pool; 11.173 M parameters for ten
# classes.
op norm = x -> bn(affine: true)

op block(out, stride = 1) {
    let h = x -> conv(3, out, stride) -> norm -> relu -> conv(3, out) -> norm
    let s = if stride == 1 and C_in == out then x else x -> conv(1, out, stride) -> norm
    h + s -> relu
}

space ResNet18(width = 64) {
    network = input
        -> conv(3, width)              -> norm -> relu -> maxpool(3, 2)
        -> block(width)                -> block(width)
        -> block(2 * width, stride: 2) -> block(2 * width)
        -> block(4 * width, stride: 2) -> block(4 * width)
        -> block(8 * width, stride: 2) -> block(8 * width)
        -> global_pool                 -> real_imag -> linear(classes)
}
