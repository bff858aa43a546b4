# DARTS-GAL: the networks of Zhang et al., "A neural network architecture optimizer based on DARTS and generative
# adversarial learning" (2021): 5, 8, 10 and 12 cells of DARTS, 16 channels, two reductions. With the cells that DARTS
# published (V2) the network of 12 has 369,114 parameters, where the paper's table 4 has 0.369 M.
use "darts.nas"

# `repeat` is the number of normal cells between the reductions.

space DARTS5 = DARTS with {  # MNIST and Fashion-MNIST: reductions second and third, as the text says
    channels: 16
    repeat:   0
    network = input
        -> conv(3, 3 * channels)     -> bn(affine: true)
        -> (repeat + 1) times normal -> reduction(channels: 2C)
        -> repeat times normal       -> reduction(channels: 2C)
        -> (repeat + 2) times normal
        -> global_pool -> real_imag -> linear(classes)
}

space DARTS5Thirds = DARTS with {  # reductions second and fourth: at one and two thirds, as in the code of DARTS
    channels: 16
    repeat:   1
}

space DARTS8 = DARTS5 with {  # Cats vs. Dogs: reductions third and fifth, large inputs halved before the first cell
    repeat: 1
    network = input
        -> conv(3, 3 * channels, stride: 2) -> bn(affine: true)
        -> (repeat + 1) times normal        -> reduction(channels: 2C)
        -> repeat times normal              -> reduction(channels: 2C)
        -> (repeat + 2) times normal
        -> global_pool -> real_imag -> linear(classes)
}

space DARTS10 = DARTS with {  # CIFAR-100: reductions fourth and seventh
    channels: 16
    repeat:   2
    network = input
        -> conv(3, 3 * channels)     -> bn(affine: true)
        -> (repeat + 1) times normal -> reduction(channels: 2C)
        -> repeat times normal       -> reduction(channels: 2C)
        -> (repeat + 1) times normal
        -> global_pool -> real_imag -> linear(classes)
}

space DARTS10Large = DARTS10 with {  # voices: the same, large inputs halved before the first cell
    network = input
        -> conv(3, 3 * channels, stride: 2) -> bn(affine: true)
        -> (repeat + 1) times normal        -> reduction(channels: 2C)
        -> repeat times normal              -> reduction(channels: 2C)
        -> (repeat + 1) times normal
        -> global_pool -> real_imag -> linear(classes)
}

space DARTS12 = DARTS with {  # CIFAR-10: reductions fifth and ninth
    channels: 16
    repeat:   3
    network = input
        -> conv(3, 3 * channels)     -> bn(affine: true)
        -> (repeat + 1) times normal -> reduction(channels: 2C)
        -> repeat times normal       -> reduction(channels: 2C)
        -> repeat times normal
        -> global_pool -> real_imag -> linear(classes)
}

experiment {
    space:  DARTS12
    method: darts
    data:   cifar10
}
