"""Whitening of complex channels: mean 0, and real and imaginary part uncorrelated, of variance 1 each.

Trabelsi et al., *Deep Complex Networks* (2018), section 3.5: `y = V^(-1/2) (x - mean)`, where V is the 2x2
covariance of the parts of a channel plus eps on its diagonal. A symmetric 2x2 matrix acts on a complex number
as `z -> p z + q conj(z)`, with p real (half of its trace) and q complex; its inverse root is of that form
too:

    s = sqrt(p^2 - |q|^2)    t = sqrt(2 (p + s))    V^(-1/2): a = t / (2 s), b = -q / (s t)

eps enters the determinant apart from the covariance, which itself is taken to be no smaller than what
rounding leaves of it, so that `s >= eps`: constant, zero and rank-one channels stay finite, forward and
backward. Channels are pairs, see `complex_kernels.py`; a vector (2C,) holds a number for each part of each
channel.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .complex_kernels import turned
from .kernel_modes import rearranged
from .kernels import column_products, column_sums, rows_of, tile, unrows, wanted, wide_moments


class Moments(NamedTuple):
    """Of each channel: the means and variances of its parts, (2C,) each, and their covariance, (C,)."""

    mean: Tensor
    variance: Tensor
    covariance: Tensor


class Root(NamedTuple):
    """The inverse root of covariances, `z -> a z + b conj(z)`: a, p, s, t (C,); b, q as pairs (C, 2)."""

    a: Tensor
    b: Tensor
    p: Tensor
    q: Tensor
    s: Tensor
    t: Tensor


def inverse_root(variance: Tensor, covariance: Tensor, eps: float) -> Root:
    """V^(-1/2) of each channel, for the biased (co)variances of its parts without eps."""
    of_real, of_imaginary = variance.view(-1, 2).unbind(1)
    p = (of_real + of_imaginary) / 2
    q = torch.stack(((of_real - of_imaginary) / 2, covariance), 1)
    determinant = torch.addcmul(of_real * of_imaginary, covariance, covariance, value=-1)
    determinant = torch.maximum(determinant, 4 * torch.finfo(p.dtype).eps * p.square())
    s = (determinant + 2 * eps * p + eps**2).sqrt()
    p = p + eps
    t = (2 * (p + s)).sqrt()
    return Root(t / (2 * s), -q / (s * t).unsqueeze(1), p, q, s, t)


def root_gradient(root: Root, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of p and q, (C,) and (C, 2), from those of a and b."""
    s, t = root.s, root.t
    of_inverse = (b * root.q).sum(1) / (s * t)  # by 1 / (s t), times it, without its sign
    of_t = a / (2 * s) + of_inverse / t
    of_p = of_t / t
    of_s = (of_inverse - a * t / (2 * s)) / s + of_p
    of_q = torch.addcmul(b / -(s * t).unsqueeze(1), root.q, (of_s / -s).unsqueeze(1))
    return of_p + of_s * root.p / s, of_q


def moments(x: Tensor) -> tuple[Moments, Tensor]:
    """The moments of (N, 2C, H, W) over all but the channels, biased; and `i * (x - mean)`."""
    if rearranged(x):
        mean, variance = wide_moments(x)
    else:
        variance, mean = torch.var_mean(x, (0, 2, 3), correction=0)
    across = turned_about(x, mean)  # (-im, re): of its products with x those of the second parts are re * im
    products = column_products(across, x, mean).view(-1, 2)[:, 1]
    covariance = products * (mean.numel() / x.numel())
    bound = variance.view(-1, 2).prod(1).sqrt_()  # what rounding must not exceed
    return Moments(mean, variance, covariance.clamp(-bound, bound)), across


def turned_about(x: Tensor, mean: Tensor) -> Tensor:
    """`i * (x - mean)`; centred first, so that a large mean does not drown small deviations."""
    if not rearranged(x):
        return turned(x - mean[:, None, None])
    rows = rows_of(x).view(-1, x.shape[3] * x.shape[1])
    offset = torch.view_as_complex(tile(mean, x.shape[3]).view(-1, 2)) * -1j
    across = torch.add(offset, torch.view_as_complex(rows.view(len(rows), -1, 2)), alpha=1j)
    return unrows(torch.view_as_real(across), x.shape)


def combined(offset: Tensor, *terms: tuple[Tensor, Tensor]) -> Tensor:
    """`offset + sum of weight * tensor`: tensors (N, 2C, H, W), offset and weights (2C,)."""
    like = terms[0][0]
    if not all(rearranged(tensor) for tensor, _ in terms):
        return reduce(torch.add, (x * w[:, None, None] for x, w in terms), offset[:, None, None])
    width = like.shape[3]
    flat = [(rows_of(tensor).view(-1, width * like.shape[1]), tile(w, width)) for tensor, w in terms]
    out = torch.addcmul(tile(offset, width), *flat[0])
    for rows, weight in flat[1:]:
        out.addcmul_(rows, weight)
    return unrows(out, like.shape)


def weights_of(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The weights (2C,) of x and of `i * x` in `a x + b conj(x)`; a (C,), b (C, 2)."""
    real, imaginary = b.unbind(1)
    return torch.stack((a + real, a - real), 1).view(-1), torch.stack((-imaginary, imaginary), 1).view(-1)


def applied(direct: Tensor, crossed: Tensor, pairs: Tensor) -> Tensor:
    """`a x + b conj(x)` by these weights, of one number for each channel, as pairs (2C,)."""
    real, imaginary = pairs.view(-1, 2).unbind(1)
    return direct * pairs + crossed * torch.stack((-imaginary, real), 1).view(-1)


class Whiten(torch.autograd.Function):
    """(N, 2C, H, W) whitened by its own moments; returns them too: mean, variance, covariance."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(N, 2C, H, W) -> the same whitened, then mean and variance (2C,) and covariance (C,)."""
        own, across = moments(x)
        root = inverse_root(own.variance, own.covariance, eps)
        direct, crossed = weights_of(root.a, root.b)
        out = combined(-direct * own.mean, (x, direct), (across, crossed))
        ctx.save_for_backward(x, own.mean, *root)
        ctx.mark_non_differentiable(*own)
        return out, *own

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor, *_: Tensor) -> tuple[Tensor | None, None]:
        """The gradient of `x`, through its moments as well."""
        if not wanted(ctx, 0):
            return None, None
        x, mean, *saved = ctx.saved_tensors
        root = Root(*saved)
        g = g.contiguous(memory_format=torch.channels_last) if rearranged(x) else g
        count = x.numel() // x.shape[1]
        turned_g = turned(g)
        products, sums = column_sums(g, x, mean)
        straight = products.view(-1, 2)  # re * re, im * im
        across = column_products(turned_g, x, mean).view(-1, 2)  # -im of g * re, re of g * im
        by_b = torch.stack((straight[:, 0] - straight[:, 1], across[:, 1] - across[:, 0]), 1)
        by_p, by_q = root_gradient(root, straight.sum(1), by_b)
        # d L / d x = R g - mean(R g) + K (x - mean), as p and q are means of squares and products
        to_g, to_turned_g = weights_of(root.a, root.b)
        to_x, to_turned_x = weights_of(by_p / count, by_q / count)
        offset = applied(to_g, to_turned_g, sums / count) + applied(to_x, to_turned_x, mean)
        terms = ((g, to_g), (turned_g, to_turned_g), (x, to_x), (turned(x), to_turned_x))
        return combined(-offset, *terms), None
