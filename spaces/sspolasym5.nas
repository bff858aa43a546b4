# SSPolAsym5: SS1 with its two 5x5 convolutions replaced by asymmetric polynomials.
use "ss1.nas"
use "lib/polynomial.nas"
use "lib/methods.nas"

space SSPolAsym5 = SS1 with {
    candidates.sep_conv_5x5 = asym5(7, 1)
    candidates.dil_conv_5x5 = asym5(5, 3)
}

experiment {
    space:  SSPolAsym5
    method: forcedarts
}
