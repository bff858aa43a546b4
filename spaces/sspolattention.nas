# SSPolAttention: SS1 with its two 5x5 convolutions replaced by attention polynomials.
use "ss1.nas"
use "lib/polynomial.nas"
use "lib/methods.nas"

space SSPolAttention = SS1 with {
    candidates.sep_conv_5x5 = attention(7, 1, 1)
    candidates.dil_conv_5x5 = attention(5, 3, 3)
}

experiment {
    space:  SSPolAttention
    method: forcedarts
}
