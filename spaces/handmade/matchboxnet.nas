# MatchboxNet BxRxC (Majumdar and Ginsburg, 2020), as in NVIDIA/NeMo: B = 3 blocks of R parts of C = 64 channels. Bands
# are channels. It reads 64 MFCCs, a window of 25 ms every 10 ms; here 64 bands. The paper has 77
# and 93 thousand parameters of 30 words for one and two parts.
op part(out, k, dilation = 1) = x -> dwconv((1, k), dilation: dilation) -> conv(1, out) -> bn(affine: true)
op block(out, k, repeat) {
    let h = x -> part(out, k)
    let g = if repeat == 1 then h else h -> (repeat - 1) times (x -> relu -> part(out, k))
    g + (x -> conv(1, out) -> bn(affine: true)) -> relu
}

space MatchboxNet(repeat = 1, width = 64) {
    network = input
        -> fold -> part(2 * width, 11) -> relu
        -> block(width, 13, repeat) -> block(width, 15, repeat) -> block(width, 17, repeat)
        -> part(2 * width, 29, dilation: 2) -> relu
        -> conv(1, 2 * width) -> bn(affine: true) -> relu
        -> global_pool -> linear(classes)
}
space MatchboxNet2 = MatchboxNet with { repeat: 2 }

experiment {
    space:    MatchboxNet
    frontend: logmel(64, window: 25ms, hop: 10ms)
}
