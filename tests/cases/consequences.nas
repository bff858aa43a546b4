# Neither does a set seem unused because its name is misspelled, nor poor because two candidates have one name.
use "lib/darts.nas"

space Mine(channels = 16) {
    candidates {
        a = sep_conv(3)
        a = skip
    }
    cell normal(prev) {
        node n[1..2] = sum(choose candidats(p) for p in earlier) keep 1
        concat(n)
    }
    network = input -> conv(3, channels) -> normal -> global_pool -> linear(classes)
}
