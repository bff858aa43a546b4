# Handmade: small networks that people made for keywords, beside genotypes of SS1, in three sizes, and of
# a space of layers, that are drawn at random and that are searched for, trained alike. Each of the four speakers of FSDD is held out in turn;
# the words of Speech Commands have their official split, and the sounds of ESC-10 their five folds.
use "ss1.nas"
use "lib/frontends.nas"
use "handmade/bc_resnet.nas"
use "handmade/ds_cnn.nas"
use "handmade/tc_resnet.nas"

# As many channels as leave no genotype with more parameters than its name says.
space Upto10k = SS1 with {
    nodes:    2
    channels: 2
    repeat:   0
}
space Upto50k = SS1 with {
    nodes:    3
    channels: 5
    repeat:   0
}
space Upto100k = SS1 with {
    nodes:    3
    channels: 8
    repeat:   0
}

# Layer by layer, with good and bad ones among the blocks, the activations and the ways to halve the frequencies, as one
# writes them who does not know yet what helps: blocks of BC-ResNet, depthwise separable ones, ones that hear no context,
# and none at all.
op norm             = x -> bn(affine: true)
op spread(dilation) = x -> mean(frequency) -> dwconv((1, 3), dilation: dilation) -> norm -> silu -> conv(1, C_in)
op broadcast(dilation) {
    let f = x -> dwconv((3, 1)) -> ssn(5, affine: true)
    x + f + (f -> spread(dilation)) -> relu
}
op separated(k) = x + (x -> dwconv(k) -> norm -> relu -> conv(1, C_in) -> norm) -> relu
op pointwise    = x + (x -> conv(1, C_in) -> norm) -> relu
op smooth       = x -> avgpool(3, 1)
op nothing      = x
op block        = x -> choose {broadcast(1), broadcast(4), separated(3), separated(5), pointwise, smooth, nothing}
op active       = x -> choose {relu, silu, tanh, sigmoid}
op enter(out)   = x -> conv(1, out) -> norm
op halve        = x -> choose {dwconv(3, (2, 1)), dwconv(5, (2, 1)), maxpool(3, (2, 1)), avgpool(3, (2, 1))} -> norm

space Layers {
    network = input
        -> conv(5, choose {8, 16}, (2, 1)) -> norm   -> active
        -> enter(choose {8, 12})           -> active -> 2 times block
        -> enter(choose {8, 12, 16})       -> halve  -> active -> 2 times block
        -> enter(choose {12, 16})          -> halve  -> active -> 3 times block
        -> enter(choose {12, 16})          -> active -> 3 times block
        -> conv(1, 32)                     -> norm   -> active
        -> global_pool                     -> linear(classes)
}

sweep handmade {
    baselines:   BCResNet, DSCNNSmall, TCResNet8, BCResNet2, BCResNet3
    data:        fsdd
    data.split:  speaker
    data.fold:   1, 2, 3, 4
    retrains:    5
    frontend:    logmel(40, window: 40ms, hop: 20ms)
    train.steps: 600
}

sweep searched {
    spaces:      Upto10k, Upto50k, Upto100k
    methods:     random, random_search(train: 100), random_search, forcedarts
    data:        fsdd
    data.split:  speaker
    data.fold:   1, 2, 3, 4
    searches:    5
    retrains:    1
    frontend:    logmel(40, window: 40ms, hop: 20ms)
    train.steps: 600
}

# The space of layers has no more than 10,000 parameters either.
sweep layers {
    spaces:      Layers
    methods:     random, random_search
    data:        fsdd
    data.split:  speaker
    data.fold:   1, 2, 3, 4
    searches:    5
    retrains:    1
    frontend:    logmel(40, window: 40ms, hop: 20ms)
    train.steps: 600
}

sweep handmade_words {
    baselines:   BCResNet, DSCNNSmall, TCResNet8, BCResNet2, BCResNet3
    data:        sc09, sc35
    retrains:    5
    frontend:    logmel(40, window: 40ms, hop: 20ms)
    train.steps: 600
}

sweep searched_words {
    spaces:      Upto10k, Upto50k, Upto100k
    methods:     random, random_search(train: 100), random_search, forcedarts
    data:        sc09, sc35
    searches:    5
    retrains:    1
    frontend:    logmel(40, window: 40ms, hop: 20ms)
    train.steps: 600
}

sweep layers_words {
    spaces:      Layers
    methods:     random, random_search
    data:        sc09, sc35
    searches:    5
    retrains:    1
    frontend:    logmel(40, window: 40ms, hop: 20ms)
    train.steps: 600
}

# Sounds of five seconds, at half the rate of features.
sweep handmade_sounds {
    baselines:   BCResNet, DSCNNSmall, TCResNet8, BCResNet2, BCResNet3
    data:        esc10
    data.fold:   1, 2, 3, 4, 5
    retrains:    5
    frontend:    logmel(40, window: 80ms, hop: 40ms)
    train.steps: 600
}

sweep searched_sounds {
    spaces:      Upto10k, Upto50k, Upto100k
    methods:     random, random_search(train: 100), random_search, forcedarts
    data:        esc10
    data.fold:   1, 2, 3, 4, 5
    searches:    5
    retrains:    1
    frontend:    logmel(40, window: 80ms, hop: 40ms)
    train.steps: 600
}
