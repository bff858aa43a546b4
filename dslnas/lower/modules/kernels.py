"""Faster CPU kernels of the layers: autograd functions over (N, C, H, W) tensors in `channels_last`.

Each computes what a torch operator does, is measured to be faster (the figures are in `modules.py`), and is
differentiable once. Gradients that the running backward pass does not ask for are not formed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

Pair = tuple[int, int]
CHANNELS_LAST = torch.channels_last
# The depthwise weight gradient stays on its fast path up to this many columns.
FAST_COLUMNS = 3


def wanted(ctx: Any, position: int) -> bool:
    """Whether the running backward pass uses the gradient of the tensor argument at `position`.

    `needs_input_grad` is fixed in the forward pass; the engine knows which gradients this pass needs.
    """
    if not ctx.needs_input_grad[position]:
        return False
    try:
        return bool(torch._C._will_engine_execute_node(ctx.next_functions[position][0]))
    except RuntimeError:  # the argument is itself an input of `torch.autograd.grad`
        return True


def _grid(x: Tensor, stride: Pair) -> Tensor:
    return x[:, :, :: stride[0], :: stride[1]]


def spread_over(g: Tensor, size: Sequence[int], stride: Pair) -> Tensor:
    """The adjoint of `_grid`: `g` on the stride's grid of zeros of `size`, in `channels_last`."""
    if stride == (1, 1):
        return g
    spread = torch.empty(tuple(size), dtype=g.dtype, device=g.device, memory_format=CHANNELS_LAST).zero_()
    _grid(spread, stride).copy_(g)
    return spread


class Subsample(torch.autograd.Function):
    """`x[:, :, ::sh, ::sw]` in `channels_last` forward and backward (torch's slice loses it backward)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, stride: Pair) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / sh), ceil(W / sw))."""
        ctx.size, ctx.stride = x.shape, stride
        return _grid(x, stride).contiguous(memory_format=CHANNELS_LAST)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        """The gradient of `x`: zeros off the grid."""
        return spread_over(g, ctx.size, ctx.stride), None


def _phases(x: Tensor, dilation: Pair) -> Tensor:
    """(N, C, H, W) -> (dh * dw * N, C, ceil(H / dh), ceil(W / dw)): pixels `dilation` apart meet."""
    n, c, h, w = x.shape
    dh, dw = dilation
    if h % dh or w % dw:
        x = F.pad(x, (0, -w % dw, 0, -h % dh))
        h, w = x.shape[2:]
    rows = x.permute(0, 2, 3, 1).reshape(n, h // dh, dh, w // dw, dw, c)
    return rows.permute(2, 4, 0, 1, 3, 5).reshape(dh * dw * n, h // dh, w // dw, c).permute(0, 3, 1, 2)


def weight_gradient(x: Tensor, g: Tensor, weight: Tensor, stride: Pair, dilation: Pair) -> Tensor:
    """The weight gradient of a same-padded depthwise convolution of `x` whose output has the gradient `g`."""
    (gradient,) = weight_gradients(x, (g,), weight, stride, dilation)
    return gradient


def weight_gradients(
    x: Tensor, gradients: Sequence[Tensor], weight: Tensor, stride: Pair, dilation: Pair
) -> list[Tensor]:
    """The weight gradients for several gradients of the output, each as `weight_gradient` forms it."""
    if dilation != (1, 1) and stride == (1, 1):
        x, *gradients = (_phases(one, dilation) for one in (x, *gradients))
        dilation = (1, 1)
    c, _, kh, kw = weight.shape
    ph, pw = dilation[0] * (kh // 2), dilation[1] * (kw // 2)

    def native(source: Tensor, g: Tensor, columns: int, padding: int) -> Tensor:
        like = weight if columns == kw else weight[..., :1].expand(c, 1, kh, columns)
        results = torch.ops.aten.convolution_backward(
            g, source, like, None, stride, (ph, padding), dilation, False, (0, 0), c, (False, True, False)
        )
        return cast(Tensor, results[1])

    if kw <= FAST_COLUMNS or dilation != (1, 1):
        return [native(x, g, kw, pw) for g in gradients]
    width, blocks = x.shape[3], []
    for first in range(0, kw, FAST_COLUMNS):
        # the block's columns see the input from `first - pw` on, in a window that yields g's width
        columns = min(FAST_COLUMNS, kw - first)
        window = (gradients[0].shape[3] - 1) * stride[1] + columns
        left = pw - first
        if -width < left < window:
            source = F.pad(x, (left, window - width - left))
            blocks.append([native(source, g, columns, 0) for g in gradients])
        else:  # a map much narrower than the kernel: these columns see nothing but its padding
            blocks.append([weight.new_zeros(c, 1, kh, columns) for _ in gradients])
    return [torch.cat(parts, dim=3) for parts in zip(*blocks, strict=True)]


def same_depthwise(x: Tensor, weight: Tensor, stride: Pair, dilation: Pair) -> Tensor:
    """Depthwise convolution by torch, with the zero padding that keeps the size at stride 1."""
    padding = [d * (k // 2) for d, k in zip(dilation, weight.shape[2:], strict=True)]
    return F.conv2d(x, weight, None, stride, padding, dilation, x.shape[1])


class Depthwise(torch.autograd.Function):
    """A same-padded depthwise convolution with faster gradients (see `modules.py`)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: Pair, dilation: Pair) -> Tensor:
        """x (N, C, H, W), weight (C, 1, kh, kw) -> (N, C, ceil(H / sh), ceil(W / sw))."""
        ctx.save_for_backward(x if ctx.needs_input_grad[1] else None, weight)
        ctx.size, ctx.stride, ctx.dilation = x.shape, stride, dilation
        return same_depthwise(x, weight, stride, dilation)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """The gradients of `x` and of `weight`, each where it is needed."""
        x, weight = ctx.saved_tensors
        g = g.contiguous(memory_format=CHANNELS_LAST)
        grad_x = grad_weight = None
        if wanted(ctx, 0):
            spread = spread_over(g, ctx.size, ctx.stride)
            grad_x = same_depthwise(spread, weight.flip(2, 3), (1, 1), ctx.dilation)
        if wanted(ctx, 1):
            grad_weight = weight_gradient(x, g, weight, ctx.stride, ctx.dilation)
        return grad_x, grad_weight, None, None


class GlobalMean(torch.autograd.Function):
    """`x.mean((2, 3))` with a gradient in `channels_last` (torch's is not, and what reads both is slow)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C)."""
        ctx.size = x.shape
        return x.mean(dim=(2, 3))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> Tensor:
        """The gradient of `x`: each pixel has the same share."""
        n, c, h, w = ctx.size
        share_NHWC: Tensor = (g / (h * w)).view(n, 1, 1, c).expand(n, h, w, c).contiguous()
        return share_NHWC.permute(0, 3, 1, 2)


def rows_of(x: Tensor) -> Tensor:
    """The memory of a `channels_last` tensor as (N * H, W * C, 1, 1), without a copy."""
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).reshape(n * h, w * c, 1, 1)


def unrows(rows: Tensor, size: Sequence[int]) -> Tensor:
    """The inverse of `rows_of`: rows as (N, C, H, W), of this `size`, without a copy."""
    n, c, h, w = size
    return rows.view(n, h, w, c).permute(0, 3, 1, 2)


def tile(channels: Tensor, width: int) -> Tensor:
    """(C,) -> (W * C,): a value for each column of the wide rows (`repeat` costs several times as much).

    A copy even of a single channel: torch's kernels read the memory of such vectors without their strides.
    """
    return channels.expand(width, -1).contiguous().view(-1)


@lru_cache(maxsize=64)
def _constants(count: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    return torch.zeros(count, dtype=dtype), torch.ones(count, dtype=dtype)


def column_products(a: Tensor, b: Tensor, mean: Tensor | None = None) -> Tensor:
    """(N, C, H, W) twice -> (C,): the sums of `a * b`, or of `a * (b - mean)`, over all but the channels."""
    return column_sums(a, b, mean)[0]


def column_sums(a: Tensor, b: Tensor, mean: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The sums of `column_products`, and those of `a`, (C,) each."""
    if a.device.type != "cpu" or a.dtype != b.dtype or a.dtype not in (torch.float32, torch.float64):
        centred = b if mean is None else b - mean[:, None, None]
        precision = torch.promote_types(a.dtype, torch.float32)
        return (a * centred).sum((0, 2, 3), dtype=precision), a.sum((0, 2, 3), dtype=precision)
    w, c = a.shape[3], a.shape[1]
    rows_a = rows_of(a.contiguous(memory_format=CHANNELS_LAST))
    rows_b = rows_of(b.contiguous(memory_format=CHANNELS_LAST))
    zeros, ones = _constants(w * c, a.dtype)
    shift = zeros if mean is None else tile(mean, w)
    # the "weight" and the "bias" gradient of a batch norm of this mean and deviation 1: one pass over both
    _, products, sums = torch.ops.aten.native_batch_norm_backward(
        rows_a, rows_b, None, None, None, shift, ones, True, 0.0, (False, True, True)
    )
    return cast(Tensor, products).view(w, c).sum(0), cast(Tensor, sums).view(w, c).sum(0)


def wide_moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C, H, W) -> the mean and the biased variance of each channel, (C,) each, over wide rows."""
    w, c = x.shape[3], x.shape[1]
    columns, variances = torch.batch_norm_update_stats(rows_of(x), None, None, 0.0)
    columns = columns.view(w, c)
    mean = columns.mean(0)
    return mean, variances.view(w, c).mean(0).add_((columns - mean).square_().mean(0))


class WideBatchNorm(torch.autograd.Function):
    """Batch norm over wide rows; returns the output, the batch's mean and its biased variance, (C,) each."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x (N, C, H, W); weight and bias (C,), or None each."""
        w, rows = x.shape[3], rows_of(x)
        mean, variance = wide_moments(x)
        inverse = (variance + eps).rsqrt_()
        scale = inverse if weight is None else inverse * weight
        shift = -mean * scale if bias is None else torch.addcmul(bias, mean, scale, value=-1)
        flat = rows.view(rows.shape[:2])
        out = torch.addcmul(tile(shift, w), flat, tile(scale, w))
        ctx.save_for_backward(x, mean, inverse, scale)
        ctx.mark_non_differentiable(mean, variance)
        return unrows(out, x.shape), mean, variance

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, g: Tensor, _mean: Tensor, _variance: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        """The gradients of `x`, `weight` and `bias`, each where it is needed."""
        x, mean, inverse, scale = ctx.saved_tensors
        n, c, h, w = x.shape
        rows_x, rows_g = rows_of(x), rows_of(g.contiguous(memory_format=CHANNELS_LAST))
        wide_mean, wide_inverse = tile(mean, w), tile(inverse, w)
        # the native kernel's "weight" and "bias" gradients are the two sums of g * x_hat and g, by column
        _, products, sums = torch.ops.aten.native_batch_norm_backward(
            rows_g, rows_x, wide_inverse, None, None, wide_mean, wide_inverse, True, 0.0, (False, True, True)
        )
        sum_gx, sum_g = products.view(w, c).sum(0), sums.view(w, c).sum(0)
        grad_x = None
        if wanted(ctx, 0):
            # scale * (g - mean(g) - x_hat * mean(g * x_hat)), as one affine form in x and g
            slope = scale * inverse * sum_gx / -(n * h * w)
            offset = torch.addcmul(scale * sum_g / (n * h * w), slope, mean).neg_()
            wide = torch.addcmul(tile(offset, w), rows_x.view(rows_x.shape[:2]), tile(slope, w))
            grad_x = unrows(wide.addcmul_(rows_g.view(rows_g.shape[:2]), tile(scale, w)), x.shape)
        affine = ctx.needs_input_grad
        return grad_x, sum_gx if affine[1] else None, sum_g if affine[2] else None, None


@lru_cache(maxsize=256)
def _pooling(c: int, h: int, w: int, kernel: Pair, stride: Pair, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Weights of ones (C, 1, kh, kw), and 1 / (pixels inside the image) at every output, (1, C, H', W')."""
    ones = torch.ones(c, 1, *kernel, dtype=dtype)
    image = torch.ones(1, c, h, w, dtype=dtype)
    inside = F.conv2d(image, ones, None, stride, (kernel[0] // 2, kernel[1] // 2), 1, c)
    return ones, inside.reciprocal_().contiguous(memory_format=CHANNELS_LAST)


class AveragePool(torch.autograd.Function):
    """Mean over the pixels of a window that lie inside the image, padding `kernel // 2`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Pair, stride: Pair) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / sh), ceil(W / sw))."""
        ones, inverse = _pooling(*x.shape[1:], kernel, stride, x.dtype)
        ctx.arguments = x.shape, kernel, stride
        padding = (kernel[0] // 2, kernel[1] // 2)
        return F.conv2d(x, ones, None, stride, padding, 1, x.shape[1]).mul_(inverse)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None, None]:
        """The gradient of `x`: each window spreads its own evenly over its pixels."""
        size, kernel, stride = ctx.arguments
        ones, inverse = _pooling(*size[1:], kernel, stride, g.dtype)
        spread = spread_over(g.contiguous(memory_format=CHANNELS_LAST) * inverse, size, stride)
        return F.conv2d(spread, ones, None, 1, (kernel[0] // 2, kernel[1] // 2), 1, size[1]), None, None
