# Methods of architecture search. Relaxed ones, from DARTS on, mix all options of a choice. In a loss, `alpha` are the
# mixed weights of the candidates of every edge and `gamma` those of the incoming edges of every node, both after the
# function that mixes them; `edges` and `nodes` count those of one cell. `order` 1 takes the weights of the network as
# given where the architecture moves; 2 lets them step ahead first, by `unroll` or else as far as their own step goes.

method darts(order = 1) {  # Liu et al., 2019, with weights on edges
    mix.candidates: softmax
    mix.edges:      softmax
    order:          order
    start:          normal(1e-3)
    loss:           cross_entropy
    arch:           adam(lr: 3e-4, betas: (0.5, 0.999), weight_decay: 1e-3)
    weights:        sgd(lr: 0.025, momentum: 0.9, weight_decay: 3e-4)
    clip:           5
    split:          50%
    prune:          top(1, candidates), top(2, edges)

    retrain:        sgd(lr: 0.025, momentum: 0.9, weight_decay: 3e-4)
    schedule:       cosine(1e-5)
}

# What remains of an edge is its strongest candidate, also where no weight is high: `top(1, candidates, above: 85%)`
# leaves such edges out.
method fairdarts = darts with {  # Chu et al., 2019
    mix.candidates: sigmoid
    mix.edges:      sigmoid
    loss:           cross_entropy + 10 * zero_one(alpha) + 10 * zero_one(gamma)
}

method forcedarts = darts with {  # the ForceDARTS paper
    mix.edges: sigmoid
    loss:      cross_entropy
               + 20 * entropy(alpha)                     after 50%
               + 20 * nodes / edges * multihot(gamma, 2) after 50%
}

# One softmax over all candidates of all edges into a node, so that they compete with each other, whichever edge they
# are on. The strongest remain, two of one edge among them.
method idarts = darts with {  # I-DARTS (Jiang et al., 2019)
    mix.edges: joint
    prune:     top(2, pairs)
}

# One candidate of each edge is drawn for each step, by hard Gumbel softmax, and computed alone. The temperature falls
# evenly, from the first step that moves the architecture to the last. The gradient comes through what was drawn. What
# remains are the most probable pairs of an edge and a candidate, which may be two of one edge.
method gdas = darts with {  # GDAS (Dong and Yang, 2019)
    mix.candidates: gumbel(10 .. 0.1)
    mix.edges:      sum
    prune:          top(2, pairs)
}

# Candidates see a quarter of the channels of their edge, the others go past them (where the stride is 2 through a max
# pool of tiles), and a shuffle brings other ones to the front. Edges have a softmax of their own (edge normalisation),
# by which the weights of candidates are multiplied where edges are ranked. The published code begins at a learning rate
# of 0.1, for batches of 256, and moves the architecture after 15 of 50 epochs: `search.warmup` of a profile.
method pcdarts = darts with {  # PC-DARTS (Xu et al., 2020)
    mix.channels: 1 / 4
    arch:         adam(lr: 6e-4, betas: (0.5, 0.999), weight_decay: 1e-3)
    prune:        top(1, candidates), top(2, edges, by: candidates)
}

# The search goes in stages, each with weights and architecture parameters of its own: the network comes closer to the
# depth that is trained in the end, edges keep the candidates that weighed most in the stage before, and skips lose
# values, at a rate that falls, so that the search does not lean on them. A normal cell keeps two skips at most. From
# `search.repeat` 1 to `train.repeat` 6, in the space of DARTS, these are the paper's 5, 11 and 17 cells of 20.
method pdarts = darts with {  # P-DARTS (Chen et al., 2019)
    mix.edges: sum
    arch:      adam(lr: 6e-4, betas: (0.5, 0.999), weight_decay: 1e-3)
    arch.clip: 5
    stages:    (depth: 0%, dropout: 0%),
               (candidates: 5, depth: 40%, dropout: 40%),
               (candidates: 3, depth: 80%, dropout: 70%)
    prune:     top(1, candidates), top(2, edges, by: candidates), top(2, skips)
}

# Of an edge its strongest candidate remains, and all edges do: DARTS as NAS-Bench-201 has it.
method darts201 = darts with { prune: top(1, candidates) }  # Dong and Yang, 2020

# A genotype drawn at random, each as likely as any other: what a search is to be better than. Nothing is trained before.
# With `require` it is one of those that keep to the budget.
method random {
    supernet: none
    evolve:   random(sample: 1)
    weights:  sgd(lr: 0.025, momentum: 0.9, weight_decay: 3e-4)
    clip:     5
    split:    50%
    schedule: cosine(1e-5)
}

# Random search: genotypes, each as likely as any other, are trained for a short while. The best by the judge is found.
method random_search(sample = 16, train = 400) {  # Li and Talwalkar, 2019
    supernet: none(train: train)
    evolve:   random(sample: sample)
    maximize: accuracy
    weights:  sgd(lr: 0.025, momentum: 0.9, weight_decay: 3e-4)
    clip:     5
    split:    50%
    schedule: cosine(1e-5)
}

# A supernet that is sampled: an option of each choice at a time, every option once for each batch (strict fairness).
# Evolution then looks for paths that are both accurate and cheap. Learning rates rise from 0 in three epochs and stay;
# judged, tested and handed over is the moving average of the weights.
method nasc {  # NASC-net (Li et al., 2020), section 3.2
    supernet:         fair
    evolve:           nsga2(population: 64, generations: 70)
    maximize:         accuracy
    minimize:         macs
    weights:          adam(lr: 3e-3, weight_decay: 1e-6)
    weights.schedule: warmup(3)
    split:            70%
    average:          0.9986

    retrain:          adam(lr: 3e-3, weight_decay: 1e-6)
    schedule:         warmup(3)
}

method sketch = nasc with {  # for small spaces and short searches: 480 networks are compared
    supernet:         sandwich(random: 2)
    evolve:           nsga2(population: 24, generations: 20)
    weights.schedule: warmup(1)
    schedule:         cosine(1e-5)
}

# One path for each batch, drawn at random, each option as likely as another: single path one-shot.
method spos = nasc with {  # Guo et al., 2020, with the optimizers and the evolution of NASC-net
    supernet: uniform(paths: 1)
}

# The largest path, the smallest and two random ones for each batch, their gradients summed: the sandwich rule.
method sandwich = nasc with {  # of BigNAS (Yu et al., 2020), with the optimizers and the evolution of NASC-net
    supernet: sandwich(random: 2)
}

# Nothing is trained: networks are compared by scores that they have with new weights, on one batch of clips. A score is
# a guess, and often no better a one than the number of parameters: `dslnas rank` says what it is worth.
method zerocost = nasc with {  # Abdelfattah et al., 2021; Mellor et al., 2021
    supernet: none
    evolve:   nsga2(population: 24, generations: 20)
    maximize: synflow, naswot
    schedule: cosine(1e-5)
}

# What makes a trained network smaller: `dslnas prune RUN --method gal`. A student with a mask on each node of each cell,
# or on each edge or channel (`of`), plays against a discriminator that tells it from the network, its teacher. Masks are
# pressed to 0; one below `keep` is 0. The game ends where for so many epochs (`patience`) no student has been better on
# validation.
method gal {  # DARTS-GAL (Zhang et al.), equations 4 to 7, after GAL (Lin et al., 2019)
    prune:         adversarial(epochs: 100, noise: 10%, within: 1%, trials: 6)
    of:            nodes
    discriminator: mlp(128, 256, 128)
    generator:     logits + 0.1 * adversarial + 0.6 * sparse(masks)
    masks:         fista(lr: 0.01)
    weights:       sgd(lr: 0.01, momentum: 0.9, weight_decay: 2e-4)
    keep:          1e-2
    patience:      10
}

# What goes (`of`) is ranked in the trained network, and the least important first: what `gal` is to be better than.
method chance { prune: random }  # any node is as likely as another
method l1 { prune: l1 }          # the mean modulus of the weights on the edges of a node (Li et al., 2017, for filters)
method bn { prune: bn }          # the mean scale of the batch norms there (network slimming, Liu et al., 2017)
method taylor { prune: taylor }  # the mean square of the gradient of a mask on it (Molchanov et al., 2019)
