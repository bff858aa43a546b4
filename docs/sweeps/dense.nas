# Dense: networks of nothing but asymmetric polynomials, whose product is normed, bounded or scaled, trained for a minute.
use "ss1.nas"
use "sspolasym4.nas"
use "sspolasym4_bounded.nas"
use "sspolasym4_scaled.nas"

# In SS1 these candidates are separable and dilated convolutions.
genotype dense of SSPolAsym4 {
    cell normal(a, b) {
        node n1 = sep_conv_5x5(a) + dil_conv_5x5(b)
        node n2 = dil_conv_5x5(b) + sep_conv_5x5(n1)
        node n3 = sep_conv_5x5(n1) + dil_conv_5x5(n2)
        output: n1, n2, n3
    }
    cell reduction(a, b) {
        node n1 = sep_conv_5x5(a) + dil_conv_5x5(b)
        node n2 = dil_conv_5x5(b) + sep_conv_5x5(n1)
        node n3 = sep_conv_5x5(n1) + dil_conv_5x5(n2)
        output: n1, n2, n3
    }
}

space Convolutions = SS1 with dense
space Normed       = SSPolAsym4 with dense
space Bounded      = SSPolAsym4Bounded with dense
space Scaled       = SSPolAsym4Scaled with dense

space ComplexConvolutions = Convolutions with { domain: complex }
space ComplexNormed       = Normed with { domain: complex }
space ComplexBounded      = Bounded with { domain: complex }
space ComplexScaled       = Scaled with { domain: complex }

sweep dense {
    baselines:      Convolutions, Normed, Bounded, Scaled,
                    ComplexConvolutions, ComplexNormed, ComplexBounded, ComplexScaled
    data:           fsdd
    retrains:       1
    train.nodes:    3
    train.channels: 8
    train.repeat:   1
    train.steps:    100
}
