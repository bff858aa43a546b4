"""The text of a network of nearly every primitive, which models of ONNX are held against."""

from __future__ import annotations

# Everything that a converter could get wrong, on odd sizes; the head reads a sequence, or complex numbers.
SPACE = """use "lib/darts.nas"

space Odd(channels = 8, domain = DOMAIN) {
    network = input
        -> conv(3, channels, stride: 2) -> inorm
        -> dwconv(5, stride: 2, dilation: 2) -> bn(affine: true) -> relu6
        -> avgpool(3, 2) -> factorized_reduce -> maxpool(3) -> tilepool(3) -> shift
        -> (x * (x -> tanh)) -> bounded -> scaled(0.5) -> dwconv((1, 3), pad: 0)
        -> (x * (x -> mean(time) -> conv(1, C_in) -> sigmoid)) - (1 - 0.5 * x) -> silu -> gelu
        -> hardswish -> prelu -> leaky_relu(0.2) -> hardsigmoid
        -> (x + (x -> global_pool -> weighted(0.5)))
        -> upsample((2, 1)) -> upsample_to(x, x -> maxpool(3, 2)) -> conv((2, 4), 8, (2, 1)) -> avgpool(2)
        -> HEAD -> linear(classes)
}
"""
HEADS = {
    "real": "maxpool(2) -> relu -> upsample(2) -> ssn(2) -> maxpool(2) -> ln -> gn(4) -> softmax(time)"
    " -> concat(x * (x -> max(time)), x - (x -> std(frequency))) -> root"
    " -> gru(6, layers: 2, bidirectional: true) -> token -> position"
    " -> attend(scores(x, x -> linear(12, bias: false), heads: 2) -> softmax(frequency), x)"
    " -> lstm(5) -> (x + (x -> last)) -> bias -> linear(3) -> fold(time)",
    "complex": "concat(x, x -> bn) -> global_pool -> linear(6) -> concat(x -> magnitude, x -> real_imag)",
}
