# Handmade: small networks that people made for keywords, beside genotypes of SS1 that are drawn at
# random and that are searched for, in three sizes, trained alike. Each of the four speakers of FSDD is held out in turn;
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
    methods:     random, random_search, forcedarts
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
    methods:     random, random_search, forcedarts
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
    methods:     random, random_search, forcedarts
    data:        esc10
    data.fold:   1, 2, 3, 4, 5
    searches:    5
    retrains:    1
    frontend:    logmel(40, window: 80ms, hop: 40ms)
    train.steps: 600
}
