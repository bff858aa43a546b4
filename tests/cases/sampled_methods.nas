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
    minimize: accuracy
}
method c = darts with {
    evolve: nsga2(population: 64, generation: 70)
    maximise: accuracy
}
method d = nasc with {
    evolve: nsga2(population: 64)
    split: 100%
}
method e = nasc with {
    supernet: uniform(path: 2)
    minimize: macs, latancy
    require: params < 0, macs < 20M
    average: 1
    weights.schedule: cosine(1e-3)
    schedule: warmup(-1)
}
method f = nasc with {
    supernet: sandwich(2)
    require: param < 10k
    average: 200%
    weights.schedule: linear
}
method g = nasc with {
    supernet: fair(2)
    require: accuracy > 90%
}
method h = darts with {
    require: params < 100k
    weights.schedule: warmup(3)
}
method i = nasc with { require: latency < 5 }
method j = nasc with { require: macs < 20m }
method k = nasc with { require: params < 10k, params < 5k }
method l = nasc with { require: params > 100k }
space S(channels = 16) {
    network = input -> conv(choose {3, 5}, channels) -> global_pool -> linear(classes)
}
experiment {
    space:  S
    method: d
    data:   dcase2019
}
