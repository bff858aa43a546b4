# Options that are the same once elaborated, a cell and a set that nothing uses, regularizers of nothing.
use "lib/darts.nas"
use "lib/methods.nas"
op mine(k) = x -> conv(kernel: k) -> choose {relu, x -> relu}
op strided = if stride == 1 then x else x -> conv(1, C, stride)
op strided_more = if stride == 1 then x else x -> conv(3, C, stride)
space S(nodes = 2, channels = 16) {
    candidates {
        a = strided
        b = strided_more
        c = mine(choose {1, 3})
        d = x -> mine(choose {1, 3}) -> bn
    }
    unused {
        a = skip
    }
    cell normal(prev) {
        node n[1..nodes] = sum(choose candidates(p) for p in earlier)
        concat(n)
    }
    cell alone(prev) {
        prev
    }
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}
method gentle = darts with {
    loss: cross_entropy + entropy(alpha) + zero_one(gamma)
}
experiment {
    space:  T
    method: gentle
}
space T(channels = 16) {
    network = input -> choose {conv(3, channels), x -> conv(kernel: 3, out: channels)} -> global_pool -> linear(classes)
}
space U(channels = 16) {
    network = input -> choose {conv(0, channels), cnv(3), x -> conv(3, 4) + x, conv(3)} -> global_pool -> linear(classes)
}
