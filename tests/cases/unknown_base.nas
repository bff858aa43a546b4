space A = Nowhere with {}
method m = dart with { clip: 5 }
profile p = q with {}
space S {
    cell c = d with { stride: 2 }
    network = input -> global_pool -> linear(classes)
}
