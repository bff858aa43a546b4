# LeNetWide: what the DARTS-GAL paper calls LeNet, by its 1.20 M parameters the network of PyTorch's example for MNIST, as
# a baseline without choices, for inputs of 28 x 28 or more: `dslnas train lenet_wide` trains it. No convolution has a
# bias: 1,199,658 parameters for ten classes and one channel, those of the example less 224 biases. The size of the input
# changes nothing of it: larger maps are averaged before the last layer.
space LeNetWide {
    network = input
        -> conv(3, 32, pad: 0)   -> relu -> conv(3, 64, pad: 0) -> relu -> tilepool(2, whole: true)
        -> conv(12, 128, pad: 0) -> relu
        -> global_pool           -> real_imag -> linear(classes)
}

experiment {
    data: mnist
}
