op f(k, k) {
    let a = x -> conv(k)
    let a = x -> relu
    a
}
op f = x -> relu
op conv(k) = x -> relu
space S(a = 1, a = 2) {
    candidates {
        one = conv(3)
        one = conv(5)
    }
    network = input -> global_pool -> linear(classes)
    network = input -> global_pool -> linear(classes)
}
method m {
    loss: cross_entropy
    loss: cross_entropy
}
experiment { method: m }
experiment { method: m }
