# SSPolAsym4Bounded: SSPolAsym4, its products divided by their modulus in place of the instance norm.
use "ss1.nas"
use "lib/polynomial.nas"
use "lib/methods.nas"

space SSPolAsym4Bounded = SS1 with {
    candidates.sep_conv_5x5 = asym4_bounded(7, 1)
    candidates.dil_conv_5x5 = asym4_bounded(5, 3)
}

experiment {
    space:  SSPolAsym4Bounded
    method: forcedarts
}
