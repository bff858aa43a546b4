# VGG16: the network of Simonyan and Zisserman (2015) as a baseline without choices, for inputs of 224 x 224 or more:
# `dslnas train vgg16` trains it. A norm with weights stands for the bias of each convolution, and the first wide layer,
# a convolution over 7 x 7, has none: 134,670,372 parameters for 100 classes, where the original has 134,670,244. The
# size of the input changes nothing of it: larger maps are averaged behind the first wide layer.
op layer(out) = x -> conv(3, out) -> bn(affine: true) -> relu
op two(out)   = x -> layer(out) -> layer(out) -> tilepool(2, whole: true)
op three(out) = x -> layer(out) -> layer(out) -> layer(out) -> tilepool(2, whole: true)

space VGG16(width = 64) {
    network = input
        -> two(width)                  -> two(2 * width)
        -> three(4 * width)            -> three(8 * width) -> three(8 * width)
        -> conv(7, 64 * width, pad: 0) -> relu
        -> global_pool                 -> linear(64 * width) -> relu
        -> real_imag                   -> linear(classes)
}

experiment {
    data: cats_vs_dogs
}
