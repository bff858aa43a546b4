# Candidate operations of DARTS (Liu et al., 2019). `x` is the input; `stride` and `C`, the channels out, are given
# by the place of use. No convolution has a bias and, inside cells, no batch norm has weights.

op sep_conv(k) = x
    -> relu -> dwconv(k, stride) -> conv(1) -> bn
    -> relu -> dwconv(k)         -> conv(1) -> bn

op dil_conv(k) = x -> relu -> dwconv(k, stride, dilation: 2) -> conv(1) -> bn
op max_pool(k) = x -> maxpool(k, stride) -> bn
op avg_pool(k) = x -> avgpool(k, stride) -> bn
op none        = x -> zero(stride)
op skip        = if stride == 1 then x else x -> factorized_reduce

# Halves the size with two 1x1 convolutions of stride 2, the second of which sees what the first one skips.
op factorized_reduce {
    let r = x -> relu
    concat(r -> conv(1, C / 2, stride: 2), r -> shift -> conv(1, C / 2, stride: 2)) -> bn
}

# Brings a cell's input to `C` channels and to the size of `target`, which is its own or half of it.
op align(target) = if size(x) == size(target)
    then x -> relu -> conv(1) -> bn
    else x -> factorized_reduce
