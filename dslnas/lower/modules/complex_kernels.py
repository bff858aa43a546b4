"""Complex arithmetic for layers: autograd functions over real tensors whose channels are pairs.

A complex tensor of C channels is a real tensor of 2C channels: real and imaginary part of a channel side by
side, `(re_0, im_0, re_1, im_1, ...)`. In `channels_last` memory that is a complex64 tensor, so that views
lead from one to the other, and what treats both parts alike (sums, concatenations, split activations, average
pools, blends of a supernet) is the real operation on twice the channels. Convolutions are real convolutions
whose weights hold `[[w_r, -w_i], [w_i, w_r]]` for each complex weight.

Weights are pairs as well, along their first axis. What is written here by hand is differentiable once; in the
context `kernels_of_torch` the functions of tensors take operators of torch instead.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from .kernel_modes import by_torch

Pair = tuple[int, int]


# --- multiplication by i -----------------------------------------------------------------------------------


def as_complex(x: Tensor) -> Tensor:
    """A view of the pairs as complex numbers: (N, 2C, H, W) -> (N, H, W, C), or (N, 2C) -> (N, C).

    The memory of `x` must be dense in that order (`channels_last`), in float32 or float64.
    """
    last = x.movedim(1, -1)
    return torch.view_as_complex(last.view(*last.shape[:-1], -1, 2))


def as_pairs(z: Tensor) -> Tensor:
    """The inverse of `as_complex`, again a view."""
    return torch.view_as_real(z).flatten(-2).movedim(-1, 1)


def _parts(x: Tensor) -> Tensor:
    """(N, 2C, ...) -> (N, C, 2, ...)."""
    n, channels, *sizes = x.shape
    return x.reshape(n, channels // 2, 2, *sizes)


def _viewable(x: Tensor) -> bool:
    dense = x.movedim(1, -1).is_contiguous()
    return dense and x.dtype in (torch.float32, torch.float64)


def turned(x: Tensor) -> Tensor:
    """`i * x`: each pair (re, im) becomes (-im, re)."""
    if _viewable(x):
        return as_pairs(as_complex(x) * 1j)
    pairs = _parts(x)
    return torch.stack((-pairs[:, :, 1], pairs[:, :, 0]), 2).flatten(1, 2)


def add_turned(a: Tensor, b: Tensor, sign: int) -> Tensor:
    """`a + sign * i * b` in the memory of `a`, without a copy of `i * b`; outside of autograd."""
    if _viewable(a) and _viewable(b):
        as_complex(a).add_(as_complex(b), alpha=sign * 1j)
        return a
    return a.add_(turned(b), alpha=sign)


# --- weights -----------------------------------------------------------------------------------------------


class Structured(torch.autograd.Function):
    """Complex weights as those of a real layer: (2 * out, in, ...) -> (2 * out, 2 * in, ...).

    A pair of rows (w_r, w_i) becomes [[w_r, -w_i], [w_i, w_r]]: its second column is i times its first.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor) -> Tensor:
        """(2 * out, in, ...) -> (2 * out, 2 * in, ...)."""
        real, imaginary = weight[0::2], weight[1::2]
        rows, inputs, *kernel = weight.shape
        full = weight.new_empty(rows // 2, 2, inputs, 2, *kernel)
        full[:, 0, :, 0] = full[:, 1, :, 1] = real
        full[:, 1, :, 0] = imaginary
        torch.neg(imaginary, out=full[:, 0, :, 1])
        return full.view(rows, 2 * inputs, *kernel)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> Tensor:
        """The adjoint: the sums of the entries that hold the same part of a weight."""
        rows, columns, *kernel = g.shape
        full = g.reshape(rows // 2, 2, columns // 2, 2, *kernel)
        real = full[:, 0, :, 0] + full[:, 1, :, 1]
        imaginary = full[:, 1, :, 0] - full[:, 0, :, 1]
        return torch.stack((real, imaginary), 1).flatten(0, 1)


def structured(weight: Tensor) -> Tensor:
    """The real weights (2 * out, 2 * in, ...) of complex ones (2 * out, in, ...)."""
    return cast(Tensor, Structured.apply(weight))


# --- products, moduli, maxima ------------------------------------------------------------------------------


def product(a: Tensor, b: Tensor) -> Tensor:
    """The product of complex numbers, pair by pair."""
    if _viewable(a) and _viewable(b):
        return as_pairs(as_complex(a) * as_complex(b))
    (ar, ai), (br, bi) = (_parts(one).unbind(2) for one in (a, b))
    return torch.stack((ar * br - ai * bi, ar * bi + ai * br), 2).flatten(1, 2)


def modulus(x: Tensor) -> Tensor:
    """(N, 2C, ...) -> (N, C, ...), with gradient 0 where it is 0."""
    if _viewable(x):
        return as_complex(x).abs().movedim(-1, 1)
    return cast(Tensor, torch.linalg.vector_norm(_parts(x), dim=2))


class Bounded(torch.autograd.Function):
    """`z / (1 + |z|)`: the phase of z, and a modulus below 1 (Georgiou and Koutsougeras, 1992, c = r = 1).

    `z / |z|` would make all moduli one, and its gradient has no bound at 0; this one is differentiable
    everywhere, with gradient 1 at 0, and finite for every finite z. Its gradient towards g is
    `s g - y Re(conj(g) y) / |z|`, where `s = 1 / (1 + |z|)` and `y = s z`.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """(N, 2C, ...) -> (N, 2C, ...)."""
        size = _size(x)
        out = _stretched(x, (size + 1).reciprocal_())
        ctx.save_for_backward(out, size)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> Tensor:
        """The gradient of `x`, by the formula above."""
        out, size = ctx.saved_tensors
        along = (_parts(g) * _parts(out)).sum(2).div_(size.clamp(min=torch.finfo(size.dtype).tiny))
        return _stretched(g, (size + 1).reciprocal_()).sub_(_stretched(out, along))


def bounded(x: Tensor) -> Tensor:
    """`z / (1 + |z|)`, (N, 2C, ...) -> (N, 2C, ...)."""
    if by_torch():
        return _stretched(x, (modulus(x) + 1).reciprocal())
    return cast(Tensor, Bounded.apply(x))


def _size(x: Tensor) -> Tensor:
    """The modulus without a gradient, finite wherever it is a number of its precision."""
    return as_complex(x).abs().movedim(-1, 1) if _viewable(x) else torch.hypot(*_parts(x).unbind(2))


def _stretched(x: Tensor, factor: Tensor) -> Tensor:
    """Both parts of (N, 2C, ...) times the real factors (N, C, ...)."""
    if _viewable(x):
        return as_pairs(as_complex(x) * factor.movedim(1, -1))
    return (_parts(x) * factor.unsqueeze(2)).flatten(1, 2)


class MaxModulus(torch.autograd.Function):
    """The complex value of the largest modulus in each window; the first one where several have it."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Pair, stride: Pair, padding: Pair | None) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H', W'); padding None: the last windows are cut off."""
        places = _maxima(x, kernel, stride, padding)
        ctx.save_for_backward(places)
        ctx.size = x.shape
        return _picked(x, places)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None, None, None]:
        """The gradient of `x`: that of each window goes to its maximum."""
        (places,) = ctx.saved_tensors
        n, c, h, w = ctx.size
        spread = torch.zeros((n, h * w, c), dtype=g.dtype, device=g.device)
        spread.scatter_add_(1, _of_parts(places), g.permute(0, 2, 3, 1).reshape(n, -1, c))
        return spread.view(n, h, w, c).permute(0, 3, 1, 2), None, None, None


def max_modulus(x: Tensor, kernel: Pair, stride: Pair, padding: Pair | None) -> Tensor:
    """(N, 2C, H, W) -> (N, 2C, H', W'): the value of the largest modulus in each window, as `MaxModulus`."""
    if by_torch():
        return _picked(x, _maxima(x.detach(), kernel, stride, padding))
    return cast(Tensor, MaxModulus.apply(x, kernel, stride, padding))


def _maxima(x: Tensor, kernel: Pair, stride: Pair, padding: Pair | None) -> Tensor:
    """Where the largest moduli of the windows are, (N, C, H', W'): the places of pixels in rows."""
    pairs = _parts(x)
    power = pairs[:, :, 0].square().addcmul_(pairs[:, :, 1], pairs[:, :, 1])
    ceil = padding is None
    _, places = F.max_pool2d(power, kernel, stride, padding or 0, ceil_mode=ceil, return_indices=True)
    return places


def _picked(x: Tensor, places: Tensor) -> Tensor:
    """The pixels of each channel at its places, (N, C, H', W')."""
    n, c, h, w = x.shape
    rows = x.permute(0, 2, 3, 1).reshape(n, h * w, c)
    picked = rows.gather(1, _of_parts(places))
    return picked.view(n, *places.shape[2:], c).permute(0, 3, 1, 2)


def _of_parts(places: Tensor) -> Tensor:
    """(N, C, H', W') -> (N, H' * W', 2C): both parts of a channel come from its place."""
    rows = places.permute(0, 2, 3, 1)
    return rows.unsqueeze(-1).expand(*rows.shape, 2).reshape(len(rows), -1, 2 * rows.shape[3])
