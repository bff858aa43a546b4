# KWT (Berg et al., 2021: Keyword transformer), as in ARM-software/keyword-transformer: every frame is a step of time, a
# learned token gathers what the classes read. 40 MFCCs of 98 frames. Its token stands before the first step, ours behind the
# last, which is the same, as every step learns its position. 607,308, 2,394,252 and 5,360,844 parameters of 12 words, as
# its summaries of the models say. Without its distillation and its dropout.
use "lib/blocks.nas"

space KWT1(width = 64, heads = 1, depth = 12) {
    network = input
        -> fold -> linear(width) -> token -> position
        -> depth times transformer(4 * width, heads)
        -> last -> linear(classes)
}
space KWT2 = KWT1 with {
    width: 128
    heads: 2
}
space KWT3 = KWT1 with {
    width: 192
    heads: 3
}

experiment {
    space:    KWT1
    frontend: mfcc
}
