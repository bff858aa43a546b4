# BaselineVGG of NASC-net (table 1): the thirteen convolutions of VGG16 (Simonyan and Zisserman, 2015) in place of all
# before the recurrent head. Nothing is left to search: `dslnas plan` counts it and `dslnas train` trains it. 5.981 G
# multiply-accumulates, where the paper gives 5.99 G, but 15.74 M parameters for its 17.24 M: how it joins VGG16 to the
# head is not said. A norm with weights stands for the bias of each convolution.
use "nasc.nas"

op layer(out) = x -> conv(3, out) -> norm -> relu
op two(out)   = x -> layer(out) -> layer(out) -> tilepool(2, whole: true)
op three(out) = x -> layer(out) -> layer(out) -> layer(out) -> tilepool(2, whole: true)

space NASCVGG {
    network = input
        -> two(64)             -> two(128) -> three(256) -> three(512) -> three(512)
        -> gru(256, layers: 2) -> last
        -> linear(128)         -> relu -> linear(classes)
}

experiment {
    method:             nasc
    data:               dcase2018
    frontend:           scene
    train.lr:           3e-3
    train.weight_decay: 1e-6
}
