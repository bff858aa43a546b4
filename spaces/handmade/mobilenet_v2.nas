# MobileNetV2 (Sandler et al., 2018: table 2), as in torchvision but for its dropout: 3,504,872 parameters for a thousand
# classes of images of three channels, and 301 million multiply-accumulates at 224 x 224.
use "lib/blocks.nas"

space MobileNetV2 {
    network = input
        -> conv(3, 32, stride: 2) -> bn(affine: true) -> relu6
        -> inverted(16, expand: 1)
        -> inverted(24, stride: 2)  -> inverted(24)
        -> inverted(32, stride: 2)  -> 2 times inverted(32)
        -> inverted(64, stride: 2)  -> 3 times inverted(64)
        -> inverted(96)             -> 2 times inverted(96)
        -> inverted(160, stride: 2) -> 2 times inverted(160)
        -> inverted(320)
        -> conv(1, 1280) -> bn(affine: true) -> relu6 -> global_pool -> linear(classes)
}
