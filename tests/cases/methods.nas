use "lib/methods.nas"
method a = darts with {
    mix.edges: softmx
    loss: entropy(alpha)
    arch: adamm(lr: 3)
    weights: sgd(momentum: 0.9)
    clip: 0
    split: 99%
    prune: top(2, candidates)
    schedule: linear(3)
    start: uniform(3)
}
method b(rate = 3e-4) {
    loss: cross_entropy + 3 * entrpy(alpha) + multihot(gamma) + beta + multihot(gamma, 0) / 0 + (alpha after 3)
    arch: adam(lr: rate, betas: (0.5, 2))
}
method c {
    clip: 5
}
method d(rate = -1) {
    loss: cross_entropy, 3
    arch: adam(lr: rate)
    order: 3
}
