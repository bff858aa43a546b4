# BC-ResNet (Kim et al., 2021: Broadcasted residual learning for efficient keyword spotting), as in the code of its authors,
# Qualcomm-AI-research/bcresnet; without its dropout of 10 %. `base` is 8 tau. 40 bands, a window of 30 ms every 10 ms.
# The paper has 9.2, 188 and 321 thousand parameters of 12 words for tau of 1, 6 and 8.
use "lib/blocks.nas"

space BCResNet(base = 8) {
    network = input
        -> conv(5, 2 * base, (2, 1))                           -> bn(affine: true) -> relu
        -> bc_transition(base)                                 -> bc_normal
        -> bc_transition(3 * base / 2, stride: 2, dilation: 2) -> bc_normal(2)
        -> bc_transition(2 * base, stride: 2, dilation: 4)     -> 3 times bc_normal(4)
        -> bc_transition(5 * base / 2, dilation: 8)            -> 3 times bc_normal(8)
        -> dwconv(5, pad: (0, 2))                              -> conv(1, 4 * base) -> bn(affine: true) -> relu
        -> global_pool                                         -> linear(classes)
}
space BCResNet1_5 = BCResNet with { base: 12 }
space BCResNet2   = BCResNet with { base: 16 }
space BCResNet3   = BCResNet with { base: 24 }
space BCResNet6   = BCResNet with { base: 48 }
space BCResNet8   = BCResNet with { base: 64 }

experiment {
    space:    BCResNet
    frontend: logmel(40, window: 30ms, hop: 10ms)
}
