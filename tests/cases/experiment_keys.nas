use "ss1.nas"
experiment {
    space:        SS1
    search.bach:  4
    train.nodes:  2
    data.channels: 3
    channels:     8
}
