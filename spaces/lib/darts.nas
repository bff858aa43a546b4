# Candidate operations of DARTS (Liu et al., 2019). `x` is the input; `stride` and `C`, the channels out, are given
# by the place of use. No convolution has a bias. While cells are searched no batch norm in them has weights; `affine`
# gives it some. Pools have a norm where they compete with convolutions.

op sep_conv(k, affine = false) = x
    -> relu -> dwconv(k, stride) -> conv(1) -> bn(affine: affine)
    -> relu -> dwconv(k)         -> conv(1) -> bn(affine: affine)

op dil_conv(k, affine = false) = x -> relu -> dwconv(k, stride, dilation: 2) -> conv(1) -> bn(affine: affine)
op max_pool(k, norm = true)    = if norm then x -> maxpool(k, stride) -> bn else x -> maxpool(k, stride)
op avg_pool(k, norm = true)    = if norm then x -> avgpool(k, stride) -> bn else x -> avgpool(k, stride)
op skip(affine = false)        = if stride == 1 then x else x -> factorized_reduce(affine)
op none                        = x -> zero(stride)

# Halves the size with two 1x1 convolutions of stride 2, the second of which sees what the first one skips.
op factorized_reduce(affine = false) {
    let r = x -> relu
    concat(r -> conv(1, C / 2, stride: 2), r -> shift -> conv(1, C / 2, stride: 2)) -> bn(affine: affine)
}

# Brings a cell's input to `C` channels and to the size of `target`, which is its own or half of it.
op align(target, affine = false) = if size(x) == size(target)
    then x -> relu -> conv(1) -> bn(affine: affine)
    else x -> factorized_reduce(affine)
