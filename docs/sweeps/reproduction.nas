# Reproduction: comparisons of the ForceDARTS paper at the quick preset; the main one with two searches of each
# method, and every network that they find trained three times. As in the paper, clips of all speakers judge, and the
# architecture travels as far.
use "ss1.nas"
use "sspolasym4.nas"
use "sspolasym4_bounded.nas"
use "sspolasym4_scaled.nas"
use "sspolasym5.nas"
use "sspolattention.nas"
use "lenet.nas"
use "resnet18.nas"
use "lib/methods.nas"

# Table 3: the methods on SS1, a speaker held out, beside genotypes drawn at random and networks of others.
sweep methods {
    spaces:        SS1
    methods:       darts, fairdarts, forcedarts, random
    data:          fsdd
    searches:      2
    retrains:      3
    baselines:     ResNet18, LeNet
    search.judge:  clips
    data.split:    speaker
    search.travel: 1.74
    search.warmup: 50%
}

# Table 4: the polynomial spaces beside SS1, all searched with FairDARTS.
sweep polynomials {
    spaces:        SS1, SSPolAsym4, SSPolAsym5, SSPolAttention
    methods:       fairdarts
    data:          fsdd
    searches:      1
    retrains:      2
    search.judge:  clips
    data.split:    speaker
    search.travel: 1.74
    search.warmup: 50%
}

# Table 3, complex. 6 and 11 complex channels have about the parameters of 8 and 16 real ones; a step takes longer, and
# training has a quarter as many.
sweep complex_methods {
    spaces:          SS1
    methods:         darts, fairdarts, forcedarts
    domains:         complex
    data:            fsdd
    searches:        1
    retrains:        2
    data.split:      speaker
    search.channels: 6
    search.judge:    clips
    train.channels:  11
    train.steps:     600
    search.travel:   1.74
    search.warmup:   50%
}

# Table 4, complex: the paper finds SSPolAsym4 to degenerate.
sweep complex_domain {
    spaces:          SS1, SSPolAsym4, SSPolAsym5, SSPolAttention
    methods:         fairdarts
    domains:         complex
    data:            fsdd
    searches:        1
    retrains:        2
    data.split:      speaker
    search.channels: 6
    search.judge:    clips
    train.channels:  11
    train.steps:     600
    search.travel:   1.74
    search.warmup:   50%
}

# Against degeneration: the products of SSPolAsym4 divided by their modulus, or on a learned scale ...
sweep rescue {
    spaces:          SSPolAsym4, SSPolAsym4Bounded, SSPolAsym4Scaled
    methods:         fairdarts
    domains:         complex
    data:            sc09
    retrains:        2
    data.split:      speaker
    search.channels: 6
    search.judge:    clips
    train.channels:  11
    train.steps:     400
    search.travel:   1.74
    search.warmup:   50%
}

# ... or as they are, under a decay of their own.
sweep rescue_by_decay {
    spaces:          SSPolAsym4
    methods:         fairdarts, decayed
    domains:         complex
    data:            sc09
    retrains:        2
    data.split:      speaker
    search.channels: 6
    search.judge:    clips
    train.channels:  11
    train.steps:     400
    search.travel:   1.74
    search.warmup:   50%
}

method decayed = fairdarts with {  # weights that meet in a product decay faster than the others
    weights: sgd(lr: 0.025, momentum: 0.9, weight_decay: 3e-4, polynomial_decay: 1e-2)
    retrain: sgd(lr: 0.025, momentum: 0.9, weight_decay: 3e-4, polynomial_decay: 1e-2)
}

# Table 3 on the other recordings, which are few.
sweep others {
    spaces:        SS1
    methods:       darts, fairdarts, forcedarts
    data:          sc09, esc10
    searches:      2
    retrains:      2
    baselines:     ResNet18
    search.judge:  clips
    search.travel: 1.74
    search.warmup: 50%
}

# Methods of others, under the same conditions.
sweep reviewed {
    spaces:        SS1
    methods:       idarts, gdas, pcdarts, pdarts
    data:          fsdd
    searches:      1
    retrains:      2
    search.judge:  clips
    data.split:    speaker
    search.travel: 1.74
    search.warmup: 50%
}
