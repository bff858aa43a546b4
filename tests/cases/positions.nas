use "ss1.nas"

# Nodes are removed at single cells: such a genotype is trained, and fixes no space.
genotype pruned of SS1 {
    method: darts

    cell normal(a, b) {
        node n1 = skip_connect(a) + sep_conv_3x3(b)
        output: n1
    }

    cell reduction(a, b) {
        node n1 = skip_connect(a) + sep_conv_3x3(b)
        output: n1
    }

    network.normal_1:    normal - n1
    network.reduction_1: reduction - n1
}

space Fixed = SS1 with pruned

experiment {
    space:  Fixed
    method: darts
}
