# CRNN: a convolution, recurrent units over time, two layers. `CRNN` is that of Arik et al. (2017: Convolutional recurrent neural
# networks for small-footprint keyword spotting), 229 thousand parameters: units go both ways, and all steps reach the classes. It
# reads 40 bands of 1.5 s. `CRNNSmall`, `CRNNMedium` and `CRNNLarge` are those of Zhang et al. (2017: Hello Edge), as in
# ARM-software/ML-KWS-for-MCU: 10 MFCCs of 1 s, the last step reaches the classes. Without their dropout.
space CRNN {
    network = input
        -> conv((5, 20), 32, (2, 8)) -> bias -> relu
        -> gru(32, layers: 2, bidirectional: true) -> fold(time)
        -> linear(64) -> relu -> linear(classes)
}

space CRNNSmall(filters = 48, step = 2, units = 60, features = 84) {
    network = input
        -> conv((4, 10), filters, (step, 2), pad: 0) -> bias -> relu
        -> gru(units, layers: 2) -> last
        -> linear(features) -> relu -> linear(classes)
}
space CRNNMedium = CRNNSmall with {
    filters:  128
    units:    76
    features: 164
}
space CRNNLarge = CRNNSmall with {
    filters:  100
    step:     1
    units:    136
    features: 188
}

experiment {
    space:    CRNN
    frontend: logmel(40, clip: 1.5s, window: 25ms, hop: 10ms)
}
