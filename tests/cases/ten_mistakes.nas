use "lib/darts.nas"
op one(k) = x -> -> relu
op two(k) = x -> conv(k
op three(k) {
    let a = x ->
    let b = = x
    a + b
}
op four = x $ relu
method five {
    loss: cross_entropy +
    arch adam(lr: 1)
    clip: 5 5
}
op six = x -> "text
op seven = x -> choose relu
space Eight {
    network = input -> one(3) -> two(3) -> four -> global_pool -> linear(classes)
    candidates { a = }
}
op nine = x -> (relu)(3)
op ten = x -> conv(1e400)
experiment {
    space: Eight
    method: five
}
