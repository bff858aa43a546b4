# Ten mistakes of syntax, names and types: each line ends with the codes that it is told.
use "lib/darts.nas"
op wide = x -> conv(3, 2 * C, stride)
op still = x -> conv(3)
op even = x -> conv(0, C, stride)                                         # N0301
op joins {
    let a = x -> conv(3, C, stride)
    a + (x -> conv(1, 2 * C, stride)) -> bn                               # N0303
}
op broken = x -> conv(3                                                   # N0101
frontend own(rate = 16khz) = wave(rate, 1s) -> stft(window: 64ms, hop: 32ms) # N0201
space S(nodes = 2, channels = 16) {
    candidates {
        a = wide                                                          # N0309
        b = still                                                         # N0306
        c = even
        d = joins
        e = sep_conv(3, true, 5)                                          # N0207
        f = broken
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 3 # N0405
        concat(n)
    }
    cell reduction = normal with { stride: 2 }
    network = input -> conv(3, channels) -> normal -> reduction -> global_pool -> linear(classes)
}
space T(channels = 16) {
    network = input -> choose {conv(3), 7} -> linear(classes)             # N0309
}
experiment {
    space:  S
    method: forcedart                                                     # N0201
}
