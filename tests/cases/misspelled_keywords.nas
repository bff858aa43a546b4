spce S {
    cll normal(prev) {
        lt a = prev -> cnv(3)
        nde n[1..2] = sum(choose c(p) for p in earlier)
        concat(n)
    }
    network = input -> linear(classe)
}
experimnt {
    space: S
}
