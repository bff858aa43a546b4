use "lib/methods.nas"
method a = darts with {
    mix.edges: sigmoid
    loss:      cross_entropy + entropy(gamma) + gini(gamma) + multihot(alpha, 1) + multihot(gamma, 2)
               + multihot_strict(alpha, 1) + multihot_strict(gamma, 2)
}
