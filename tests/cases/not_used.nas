use "ss1.nas"
space Polynomial = SS1 with {
    candidates.sep_conv_5x5 = asym5(7, 1)
}
experiment {
    space: Polynomial  method: forcedarts
}
