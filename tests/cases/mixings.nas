use "lib/methods.nas"
method a = fairdarts with {
    mix.edges: joint
}
method b = darts with {
    mix.candidates: sum
    mix.edges: summ
    prune: top(1, candidates, by: edges), top(2, edges, by: cells)
}
method c = darts with {
    mix.edges: sum
    loss: cross_entropy + entropy(gamma)
    prune: top(2, edges, of: candidates)
}
method d = darts with {
    prune: top(2, edges, by: cells)
}
method e = gdas with {
    mix.candidates: gumbel
    loss: cross_entropy + entropy(alpha)
}
method f = darts with {
    mix.candidates: gumbel(10 .. 0)
    mix.edges: gumbel(1 .. 1)
}
method g = gdas with {
    loss: cross_entropy + zero_one(alpha)
}
method h = gdas with {
    order: 2
}
method i = darts with {
    mix.channels: 30%
}
method j = darts with {
    mix.channels: 1/3
}
method k = darts with {
    prune: top(1, candidates, above: 120%), top(2, edges)
}
method l = idarts with {
    prune: top(2, pairs), top(2, edges)
}
method m = idarts with {
    prune: top(2, pairs, above: 50%)
}
