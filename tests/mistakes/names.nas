# Ten mistakes, most of them of names: each line ends with the codes that it is told.
use "lib/darts.nas"
use "lib/methods.nas"
space S(nodes = 2, channels = 16) {
    candidates {
        a = sep_conv(k: 3, m: 4)                                          # N0204
        b = sep_conv                                                      # N0207
        c = dil_conv(3)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> algn(prev)                                       # N0201
        node n[1..nodes] = sum(choose candidate(p) for p in earlier)              # N0201
        concat(n)
    }
    cell reduction = normall with { strid: 2 }                            # N0201 N0204
    network = input -> conv(3, channels) -> normal -> reduction -> globalpool -> linear(classes) # N0201
}
experiment {
    space:  SS                                                            # N0201
    metod:  darts                                                         # N0204
    search: (batch: 3)                                                    # N0204
    domain: real
}
