# CRNN for microcontrollers (Zhang et al., 2017: Hello Edge), as in ARM-software/ML-KWS-for-MCU (`create_crnn_model`, the sizes of
# train_commands.txt): the small, the medium and the large one. 10 MFCCs, a window of 40 ms every 20 ms; the last step of the
# recurrent units reaches the classes. The trained models there hold 75,432, 189,032 and 485,004 parameters of 12 words, ours
# 75,792, 189,488 and 485,820: each of our gates has two biases, theirs one. Their units reset the state before its matrix, ours
# behind it, for as many products. The paper counts an operation for each product and each sum, twice our multiply-accumulates.
# Without its dropout.
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
    space:    CRNNSmall
    frontend: mfcc(10, 40, window: 40ms, hop: 20ms, mask: 2)
}
