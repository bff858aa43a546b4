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
