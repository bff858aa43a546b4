# ResNet18Pictures: ResNet18 as He et al. (2016) have it for large pictures, as a baseline without choices: `dslnas train
# resnet18_pictures` trains it. Its stem is a 7x7 convolution of stride 2: 11,227,812 parameters for 100 classes on three
# channels, on inputs of any size.
use "resnet18.nas"

space ResNet18Pictures(width = 64) {
    network = input
        -> conv(7, width, stride: 2)   -> norm -> relu -> maxpool(3, 2)
        -> block(width)                -> block(width)
        -> block(2 * width, stride: 2) -> block(2 * width)
        -> block(4 * width, stride: 2) -> block(4 * width)
        -> block(8 * width, stride: 2) -> block(8 * width)
        -> global_pool                 -> real_imag -> linear(classes)
}

experiment {
    data: cats_vs_dogs
}
