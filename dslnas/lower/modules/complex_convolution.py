"""Complex convolutions by real ones, over tensors whose channels are pairs (`complex_kernels.py`).

The layers call `dense` and `depthwise`. `benchmarks/complex.py` compares their speed with that of other ways
to compute the same.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from . import modules
from .complex_kernels import add_turned, structured, turned
from .kernel_modes import rearranged
from .kernels import (
    CHANNELS_LAST,
    Pair,
    Subsample,
    same_depthwise,
    spread_over,
    wanted,
    weight_gradients,
)


def dense(x: Tensor, weight: Tensor, stride: Pair, padding: Pair, dilation: int, groups: int) -> Tensor:
    """(N, 2 * in, H, W) with `weight` (2 * out, in / groups, kh, kw), both as pairs, to (N, 2 * out, H', W').

    One real convolution whose weights hold [[w_r, -w_i], [w_i, w_r]] for each complex weight.
    """
    full = structured(weight)
    if full.shape[2:] == (1, 1):
        x, stride = modules.strided_pixels(x, stride)
    return F.conv2d(x, full, None, stride, padding, dilation, groups)


def depthwise(x: Tensor, weight: Tensor, stride: Pair, padding: Pair, dilation: Pair) -> Tensor:
    """Each channel of (N, 2C, H, W) with its filter of `weight` (2C, 1, kh, kw), both as pairs.

    `w_r * x + i * (w_i * x)`: each term is a real depthwise convolution of both parts with one filter.
    """
    kernel = (weight.shape[2], weight.shape[3])
    keeps_size = padding == (dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2))
    if keeps_size and rearranged(x):
        grid, stride, dilation = modules.on_grid(kernel, stride, dilation)
        x = x if grid == (1, 1) else cast(Tensor, Subsample.apply(x, grid))
        return cast(Tensor, Depthwise.apply(x, weight, stride, dilation))
    terms = [F.conv2d(x, part, None, stride, padding, dilation, x.shape[1]) for part in both_parts(weight)]
    return terms[0] + turned(terms[1])


def both_parts(weight: Tensor) -> tuple[Tensor, Tensor]:
    """The real and the imaginary parts of pairs (2C, 1, kh, kw), each twice in a row: of that shape."""
    real, imaginary = (weight[part::2].repeat_interleave(2, 0) for part in (0, 1))
    return real, imaginary


class Depthwise(torch.autograd.Function):
    """A same-padded complex depthwise convolution, whose two terms share the work of their gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, stride: Pair, dilation: Pair) -> Tensor:
        """x (N, 2C, H, W), weight (2C, 1, kh, kw) -> (N, 2C, H', W')."""
        ctx.save_for_backward(x if ctx.needs_input_grad[1] else None, weight)
        ctx.size, ctx.stride, ctx.dilation = x.shape, stride, dilation
        real, imaginary = (same_depthwise(x, part, stride, dilation) for part in both_parts(weight))
        return add_turned(real, imaginary, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        """The gradients of `x` and of `weight`, each where it is needed."""
        x, weight = ctx.saved_tensors
        g = g.contiguous(memory_format=CHANNELS_LAST)
        grad_x = grad_weight = None
        if wanted(ctx, 0):
            spread, parts = spread_over(g, ctx.size, ctx.stride), both_parts(weight.flip(2, 3))
            real, imaginary = (same_depthwise(spread, part, (1, 1), ctx.dilation) for part in parts)
            grad_x = add_turned(real, imaginary, -1)
        if wanted(ctx, 1):
            gradients = weight_gradients(x, (g, turned(g)), weight, ctx.stride, ctx.dilation)
            real, imaginary = (part[0::2] + part[1::2] for part in gradients)
            grad_weight = torch.stack((real, -imaginary), 1).flatten(0, 1)
        return grad_x, grad_weight, None, None
