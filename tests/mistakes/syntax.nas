# Ten mistakes, most of them of the grammar: each line ends with the codes that it is told.
us "lib/darts.nas"                                                        # N0101
op one(k) = x -> -> relu                                                  # N0101
op two(k) = x -> cnv(k) -> one(k) -> bm                                   # N0201 N0201
op three(k) {
    lt a = x -> conv(k)                                                   # N0101
    a $ relu                                                              # N0101
}
spce S(channels = 16) {                                                   # N0101
    network = input -> two(3) -> three(3) -> conv(3, channels, strid: 2) -> global_pool -> linear(clases) # N0204 N0201
}
experimnt {                                                               # N0101
    space: S
}
