op f = x -> g
op g = x -> relu -> f
op h = x -> h
space A = B with {}
space B = A with {}
method m = m with { clip: 5 }
space S {
    network = input -> f -> global_pool -> linear(classes)
}
