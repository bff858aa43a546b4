use "ss1.nas"

genotype misplaced of SS1 {
    metod: darts
    cell normal(a = 1, b) {
        node n1 = skip_connect(a)
        outputs: n1
        output: 1
    }
}
genotype repeated of SS1 {
    method: darts
    method: darts
    network.mb_1: 3
    network.mb_1: 5
    cell normal(a, a) {
        node n1 = skip_connect(a)
        node n1 = skip_connect(b)
        output: n1
        output: n1
    }
    cell normal(a, b) {}
}
genotype named of SS1 {
    network.mb_1 = 3
}
genotype several of SS1 {
    network.mb_1: 3, 5
}
genotype other of SS1 {
    cell normal(a, b) {
        node n1 = skip_connect(a) + sep_conv_4x4(b)
        node n2 = skip_connect(c) + skip_connect(b)
        output: n1, n2
    }
    network.mb_1: 3
}
genotype longer of SS1 {
    cell normal(a, b) {
        node m1 = skip_connect(a) + skip_connect(b)
        output: m1
    }
}
