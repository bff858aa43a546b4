use "lib/methods.nas"
method a = nasc with {
    supernet: fare
    evolve: nsga2(population: 2, generations: 70)
    maximize: accuracy, accuracy
    minimize: mac
    loss: cross_entropy
    mix.edges: softmax
}
method b {
    evolve: nsga2(64)
    minimize: latency
}
method c = darts with {
    evolve: nsga2(population: 64, generation: 70)
    maximise: accuracy
}
method d = nasc with {
    evolve: nsga2(population: 64)
    split: 100%
}
space S(channels = 16) {
    network = input -> conv(choose {3, 5}, channels) -> global_pool -> linear(classes)
}
experiment {
    space:  S
    method: d
    data:   dcase2019
}
