space S {
    network = input -> global_pool -> linear(classes)

op f = x -> relu
experiment {
    space: S
}
