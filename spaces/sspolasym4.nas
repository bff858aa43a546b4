# SSPolAsym4: SS1 with its two 5x5 convolutions replaced by asymmetric polynomials with an instance norm.
use "ss1.nas"
use "lib/polynomial.nas"
use "lib/methods.nas"

space SSPolAsym4 = SS1 with {
    candidates.sep_conv_5x5 = asym4(7, 1)
    candidates.dil_conv_5x5 = asym4(5, 3)
}

experiment {
    space:  SSPolAsym4
    method: forcedarts
}
