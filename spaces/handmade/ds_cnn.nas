# DS-CNN (Zhang et al., 2017: Hello Edge), as in ARM-software/ML-KWS-for-MCU: the small, the medium and the large one. Its
# kernels are (time, frequency), ours (frequency, time). Its convolutions have a bias and its norms no scale; here norms
# have both a scale and a shift, which are as many: 23,180, 136,580 and 413,736 parameters of 12 words, as its trained models hold.
# It reads 10 MFCCs, a window of 40 ms every 20 ms; here 10 bands.
use "lib/blocks.nas"

space DSCNNSmall {
    network = input
        -> conv((4, 10), 64, stride: 2) -> bn(affine: true) -> relu
        -> 4 times separable(64) -> global_pool -> linear(classes)
}
space DSCNNMedium {
    network = input
        -> conv((4, 10), 172, stride: (1, 2)) -> bn(affine: true) -> relu
        -> separable(172, stride: 2) -> 3 times separable(172) -> global_pool -> linear(classes)
}
space DSCNNLarge {
    network = input
        -> conv((4, 10), 276, stride: (1, 2)) -> bn(affine: true) -> relu
        -> separable(276, stride: 2) -> 4 times separable(276) -> global_pool -> linear(classes)
}

experiment {
    space:    DSCNNSmall
    frontend: logmel(10, window: 40ms, hop: 20ms)
}
