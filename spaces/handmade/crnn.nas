# CRNN (Arik et al., 2017: Convolutional recurrent neural networks for small-footprint keyword spotting): a convolution, recurrent
# units that go both ways in time, and two layers, which all steps reach. 40 bands of 1.5 s; about 230 thousand parameters of two
# words in the paper, 229,474 here, of which 384 are a second bias of each gate. Without its dropout.
space CRNN {
    network = input
        -> conv((5, 20), 32, (2, 8)) -> bias -> relu
        -> gru(32, layers: 2, bidirectional: true) -> fold(time)
        -> linear(64) -> relu -> linear(classes)
}

experiment {
    space:    CRNN
    frontend: logmel(40, clip: 1.5s, window: 25ms, hop: 10ms)
}
