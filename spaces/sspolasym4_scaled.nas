# SSPolAsym4Scaled: SSPolAsym4 with a learned scale on every product.
use "ss1.nas"
use "lib/polynomial.nas"
use "lib/methods.nas"

space SSPolAsym4Scaled = SS1 with {
    candidates.sep_conv_5x5 = asym4_scaled(7, 1)
    candidates.dil_conv_5x5 = asym4_scaled(5, 3)
}

experiment {
    space:  SSPolAsym4Scaled
    method: forcedarts
}
