# LeNet: LeNet-5 (LeCun et al., 1998) as a baseline without choices: `dslnas run lenet` trains it. No convolution has a
# bias; on 32 x 32 inputs 61,564 parameters for ten classes, the 61,706 of the original less those 142 biases. Larger
# inputs are averaged before the last two layers.
space LeNet {
    network = input
        -> conv(5, 6, pad: 0)   -> tanh -> avgpool(3, 2)
        -> conv(5, 16, pad: 0)  -> tanh -> avgpool(3, 2)
        -> conv(5, 120, pad: 0) -> tanh
        -> global_pool          -> linear(84) -> tanh -> real_imag -> linear(classes)
}
