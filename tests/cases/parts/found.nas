genotype found of SS1 {
    cell normal(a, b) {
        node n1 = skip_connect(a) + sep_conv_4x4(b)
        node n2 = skip_connect(c) + skip_connect(b)
        output: n1, n2
    }
}
