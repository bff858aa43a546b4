# Blocks of hand-made networks. Channels are those of `x` unless a block says `out`; norms have weights.

# Squeeze-and-excitation (Hu et al., 2018): each channel times a share that all of its input decides, through C / r.
op squeeze_excite(r = 4)      = x * (x -> global_pool -> linear(C_in / r) -> relu -> linear(C_in) -> sigmoid)
op hard_squeeze_excite(r = 4) = x * (x -> global_pool -> linear(C_in / r) -> relu -> linear(C_in) -> hardsigmoid)

# Gated linear units (Dauphin et al., 2017): one convolution decides how much of another passes.
op glu(k = 1) = (x -> conv(k, C_in)) * (x -> conv(k, C_in) -> sigmoid)

# A depthwise separable convolution, each half with a norm and a relu (MobileNet: Howard et al., 2017).
op separable(out, k = 3, stride = 1) = x
    -> dwconv(k, stride) -> bn(affine: true) -> relu
    -> conv(1, out)      -> bn(affine: true) -> relu

# The inverted bottleneck of MobileNetV2 (Sandler et al., 2018).
op inverted(out, k = 3, stride = 1, expand = 6) {
    let wide = if expand == 1 then x else x -> conv(1, expand * C_in) -> bn(affine: true) -> relu6
    let h    = wide -> dwconv(k, stride) -> bn(affine: true) -> relu6 -> conv(1, out) -> bn(affine: true)
    if stride == 1 and C_in == out then x + h else h
}

# That of MobileNetV3 (Howard et al., 2019): hard swish, and a squeeze-and-excitation in the middle.
op inverted_v3(out, k = 3, stride = 1, expand = 6) {
    let wide = x -> conv(1, expand * C_in) -> bn(affine: true) -> hardswish
    let h = wide -> dwconv(k, stride) -> bn(affine: true) -> hardswish -> hard_squeeze_excite
        -> conv(1, out) -> bn(affine: true)
    if stride == 1 and C_in == out then x + h else h
}

# Broadcasted residual learning (BC-ResNet: Kim et al., 2021): what a convolution along time says of the mean over
# frequency is added at every frequency. The transition changes channels and size; the normal block has a skip.
op bc_normal(dilation = 1) {
    let f = x -> dwconv((3, 1)) -> ssn(5, affine: true)
    let t = f -> mean(frequency) -> dwconv((1, 3), dilation: dilation) -> bn(affine: true) -> silu -> conv(1, C_in)
    x + f + t -> relu
}
op bc_transition(out, stride = 1, dilation = 1) {
    let f = x -> conv(1, out) -> bn(affine: true) -> relu -> dwconv((3, 1), (stride, 1)) -> ssn(5, affine: true)
    let t = f -> mean(frequency) -> dwconv((1, 3), dilation: dilation) -> bn(affine: true) -> silu -> conv(1, out)
    f + t -> relu
}

# Attentive statistics (Okabe et al., 2018): mean and deviation over time, in which each frame weighs what it says.
op attentive_statistics(r = 4) {
    let a = x -> conv(1, C_in / r) -> tanh -> conv(1, C_in) -> softmax(time)
    let m = a * x -> total(time)
    let s = (a * x * x -> total(time)) - m * m -> root
    concat(m, s)
}

# Self-attention (Vaswani et al., 2017): each step of time gathers from all steps what their keys have to say to its query.
# It goes along time alone: `fold` makes channels of frequencies. `attention` of lib/polynomial.nas is another operation.
op self_attention(heads = 1) {
    let q = x -> linear(C_in, bias: false)
    let k = x -> linear(C_in, bias: false)
    let v = x -> linear(C_in, bias: false)
    attend(scores(q, k, heads: heads) -> softmax(frequency), v) -> linear(C_in)
}

# A block of a transformer (Vaswani et al., 2017): attention, then two layers at each step, each with a skip and a norm; and
# the same with the norms before them (Xiong et al., 2020), which ends without one: `-> ln(affine: true)` after the last.
op transformer(mlp, heads = 1) {
    let a = x + (x -> self_attention(heads)) -> ln(affine: true)
    a + (a -> linear(mlp) -> gelu -> linear(C_in)) -> ln(affine: true)
}
op transformer_prenorm(mlp, heads = 1) {
    let a = x + (x -> ln(affine: true) -> self_attention(heads))
    a + (a -> ln(affine: true) -> linear(mlp) -> gelu -> linear(C_in))
}
