# Where real and complex meet, where a cast is none, and products that nothing bounds.
op mixed = (x -> magnitude) + x
op joined = concat(x, x -> magnitude)
op again = x -> magnitude -> real_imag -> magnitude
op square = x * x + x
op safe = (x * x -> bounded) + x
op real_alone = x -> gru(3)
space A(domain = complex) {
    network = input -> mixed -> magnitude -> global_pool -> linear(classes)
}
space B(domain = complex) {
    network = input -> joined -> magnitude -> global_pool -> linear(classes)
}
space C(domain = complex) {
    network = input -> again -> global_pool -> linear(classes)
}
space D(domain = complex) {
    network = input -> square -> magnitude -> global_pool -> linear(classes)
}
space E(domain = complex) {
    network = input -> safe -> real_imag -> global_pool -> linear(classes)
}
space G(domain = complex) {
    network = input -> choose {real_alone, real_imag} -> global_pool -> linear(classes)
}
