# Speakers: whose voice is it? Voices differ along frequency, so half of the candidates look along it alone.
use "lib/darts.nas"

op along_frequency(k) = x -> relu -> dwconv((k, 1), stride) -> conv(1) -> bn

space Speakers(nodes = by_profile(3), channels = by_profile(16), repeat = by_profile(1)) {
    candidates {
        skip_connect = skip
        avg_pool_3x3 = avg_pool(3)
        sep_conv_3x3 = sep_conv(3)
        frequency_5  = along_frequency(5)
        frequency_9  = along_frequency(9)
    }
    cell normal(prev2, prev) {
        let a = prev2 -> align(prev)
        let b = prev  -> align(prev)
        node n[1..nodes] = sum(choose candidates(p) for p in earlier) keep 2
        concat(n)
    }
    cell reduction = normal with { stride: 2 }

    network = input
        -> conv(3, 2 * channels) -> bn
        -> repeat times normal -> reduction(channels: 2C)
        -> repeat times normal -> reduction(channels: 2C)
        -> global_pool -> linear(classes)
}

# Utterances of seconds: four of them, in 40 bands.
experiment {
    space:        Speakers
    method:       forcedarts
    frontend:     logmel(40, clip: 4s, hop: 50ms)
    search.batch: 8
    train.batch:  8
    train.steps:  400
    train.lr:     0.05
}
