# Reproduction: comparisons of the ForceDARTS paper, at sizes that two processor cores carry in a night (preset quick).
use "ss1.nas"
use "sspolasym4.nas"
use "sspolasym5.nas"
use "sspolattention.nas"
use "lenet.nas"
use "resnet18.nas"

# Table 3: the methods on SS1, a speaker held out, beside genotypes drawn at random and networks of others.
sweep methods {
    spaces:     SS1
    methods:    darts, fairdarts, forcedarts, random
    data:       fsdd
    searches:   2
    retrains:   2
    baselines:  ResNet18, LeNet
    data.split: speaker
}

# Table 4: the polynomial spaces beside SS1, all searched with FairDARTS.
sweep polynomials {
    spaces:     SS1, SSPolAsym4, SSPolAsym5, SSPolAttention
    methods:    fairdarts
    data:       fsdd
    retrains:   2
    data.split: speaker
}

# The other recordings, which are few.
sweep others {
    spaces:   SS1
    methods:  darts, forcedarts
    data:     sc09, esc10
    retrains: 2
}

# Table 4, complex: SS1 and a polynomial space that the paper finds to degenerate.
sweep complex_domain {
    spaces:     SS1, SSPolAsym4
    methods:    fairdarts
    domains:    complex
    data:       fsdd
    retrains:   2
    data.split: speaker
}
