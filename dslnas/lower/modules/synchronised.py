"""Batch statistics over several processes, each of which has a part of the batch.

A norm in training then normalises by the moments of the whole batch, as one process would. Sums are formed by
`torch.distributed` over all processes, forward and backward; two for each norm forward, since the squares of
deviations need the mean first. torch's own `SyncBatchNorm` does the same, but on GPUs alone, and knows no
complex numbers.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import torch
import torch.distributed as dist
from torch import Tensor

from .complex_kernels import turned
from .whitening import Moments, inverse_root, weights_of


class _Summed(torch.autograd.Function):
    """The sum of a tensor over all processes; all losses depend on it: its gradients are summed as well."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        del ctx
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        del ctx
        total = g.contiguous().clone()
        dist.all_reduce(total)
        return total


def summed(x: Tensor) -> Tensor:
    """The sum of `x` over all processes, which all call it at once; differentiable once."""
    return cast(Tensor, _Summed.apply(x)) if dist.is_initialized() else x


class Normalised(NamedTuple):
    """A normalised batch, and by what: biased moments of each channel, which are of so many values."""

    out: Tensor
    moments: tuple[Tensor, ...]
    values: Tensor


def normalised(x: Tensor, eps: float) -> Normalised:
    """(N, C, H, W) with mean 0 and variance 1 of each channel over the parts of all processes."""
    centred, mean, count = _centred(x)
    variance = summed(centred.square().sum((0, 2, 3))) / count
    out = centred * (variance + eps).rsqrt()[:, None, None]
    return Normalised(out, (mean.detach(), variance.detach()), count)


def whitened(x: Tensor, eps: float) -> Normalised:
    """(N, 2C, H, W), pairs, whitened by the moments over the parts of all processes (`whitening.py`)."""
    centred, mean, count = _centred(x)
    across = turned(centred)  # (-im, re): of its products the second parts are re * im
    products = (across * centred).sum((0, 2, 3)).view(-1, 2)[:, 1]
    sums = summed(torch.cat((centred.square().sum((0, 2, 3)), products))) / count
    variance, covariance = sums[: len(mean)], sums[len(mean) :]
    bound = variance.detach().view(-1, 2).prod(1).sqrt()  # what rounding must not exceed
    covariance = covariance.clamp(-bound, bound)
    root = inverse_root(variance, covariance, eps)
    direct, crossed = weights_of(root.a, root.b)
    out = centred * direct[:, None, None] + across * crossed[:, None, None]
    return Normalised(out, Moments(mean.detach(), variance.detach(), covariance.detach()), count)


def _centred(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The deviations from the mean of each channel; that mean; how many values it is of."""
    own = x.new_tensor([x.numel() // x.shape[1]])
    sums = summed(torch.cat((x.sum((0, 2, 3)), own)))
    mean, count = sums[:-1] / sums[-1].detach(), sums[-1].detach()
    return x - mean[:, None, None], mean, count
