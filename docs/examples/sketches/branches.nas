# Two branches, one of long time and one of single frames, that meet late; what both repeat has a name.
space Branches(channels = 4) {
    let wide  = 2 * channels
    let act   = choose {relu, silu}
    let layer = x -> conv(3, wide, stride: 2) -> bn -> act

    network {
        let stem = input -> conv(3, channels, stride: 2) -> bn
        let slow = stem -> conv((1, 9), wide, stride: 2) -> bn -> act
        let fast = stem -> layer -> x + (x -> dwconv(3) -> bn -> drop_path(0.2))
        concat(slow, fast) -> layer -> global_pool -> linear(classes)
    }
}
experiment {
    space:  Branches
    method: darts
    data:   fsdd
}
