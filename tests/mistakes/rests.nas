# Ten mistakes, some in definitions of which other lines cannot be read: each line ends with its codes.
use "lib/darts.nas"
op one(k) {
    let a = x -> -> relu                                                  # N0101
    let b = x -> cnv(k)                                                   # N0201
    a + b -> rellu                                                        # N0201
}
op two(k) {
    let a = x $ relu                                                      # N0101
    a -> conv(k, strid: 2)                                                # N0204
}
space S(nodes = 2, channels = 16) {
    candidates {
        a = sep_conv(3, m: 2)                                             # N0204
        b = one(3)
    }
    cell normal(prev) {
        let a = prev -> algn(prev)                                        # N0201
        let b = = prev                                                    # N0101
        node n[1..nodes] = sum(choose candidates(p) for p in earlier)
        concat(n, b)
    }
    cell reduction = normal with { stride 2 }                             # N0101
    network = input -> conv(3, channels) -> normal -> reduction -> global_pool -> linear(clases) # N0201
}
