# Commands: a command of one word on a small device. Depthwise-separable layers of few channels; each layer chooses its
# kernel, and the network its pooling.
use "lib/methods.nas"

op layer(k = choose {3, 5, 7}) = x
    -> dwconv(k, stride) -> bn -> relu6
    -> conv(1)           -> bn -> relu6

op shrink(k = choose {3, 5}) = x
    -> dwconv(k, 2) -> bn -> relu6
    -> conv(1)      -> bn -> relu6

space Commands(channels = 12) {
    network = input
        -> conv((5, 3), channels, 2) -> bn -> relu6
        -> layer -> layer -> shrink
        -> layer -> layer -> shrink
        -> layer -> choose {maxpool(3), avgpool(3)}
        -> global_pool -> linear(classes)
}

# Layers have no edges to choose from: FairDARTS without its regularizer of edges.
method fair_layers = fairdarts with {
    loss: cross_entropy + 10 * zero_one(alpha)
}

# Less than a second of a word is enough, at the rate of a telephone.
experiment {
    space:          Commands
    method:         fair_layers
    frontend:       logmel(32, rate: 8kHz)
    train.channels: 24
}
