"""The torch modules of complex layers, over tensors whose channels are pairs (`complex_kernels.py`).

Shapes are those of a complex tensor with 2C in place of C: (N, 2C, H, W), or (N, 2C) of a vector. Layers
whose complex form is the real one on twice the channels (sums, split activations, average pools, ...) are not
here.

Weights start as torch draws those of the real layer that computes the same: both parts independent and
uniform, up to 1 / sqrt(2 * inputs of a filter), so that the variance of a complex weight is that of a real
one with as many inputs. Trabelsi et al. (2018) draw a Rayleigh modulus and a uniform phase of such a variance
instead.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import complex_convolution
from .complex_kernels import bounded, max_modulus, modulus, product, structured, turned
from .kernel_modes import MOMENTUM, by_torch, together
from .kernels import Pair
from .synchronised import whitened
from .whitening import Moments, Whiten, inverse_root, weights_of
from .whitening import applied as applied_to


def _uniform(weight: Tensor, inputs: int) -> None:
    bound = (2 * inputs) ** -0.5
    nn.init.uniform_(weight, -bound, bound)


class ComplexConv2d(nn.Module):
    """Complex convolution without bias; `weight` (2 * out, in / groups, kh, kw), pairs of rows."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: Pair,
        stride: Pair = (1, 1),
        padding: Pair = (0, 0),
        dilation: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        self.weight = nn.Parameter(torch.empty(2 * channels_out, channels_in // groups, *kernel))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights uniformly, up to 1 / sqrt(2 * inputs of a filter)."""
        _uniform(self.weight, self.weight[0].numel())

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2 * in, H, W) -> (N, 2 * out, H', W')."""
        window = (self.stride, self.padding, self.dilation)
        return complex_convolution.dense(x, self.weight, *window, self.groups)


class ComplexDepthwiseConv2d(nn.Module):
    """One complex filter for each channel, no bias; `weight` (2C, 1, kh, kw), pairs of filters."""

    def __init__(self, channels: int, kernel: Pair, stride: Pair, padding: Pair, dilation: int) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation = stride, padding, (dilation, dilation)
        self.weight = nn.Parameter(torch.empty(2 * channels, 1, *kernel))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights uniformly, up to 1 / sqrt(2 * inputs of a filter)."""
        _uniform(self.weight, self.weight[0].numel())

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H', W')."""
        window = (self.stride, self.padding, self.dilation)
        return complex_convolution.depthwise(x, self.weight, *window)


class ComplexLinear(nn.Module):
    """(..., 2 * in) -> (..., 2 * out); `weight` (2 * out, in), pairs of rows."""

    bias: nn.Parameter | None

    def __init__(self, channels_in: int, channels_out: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * channels_out, channels_in))
        self.bias = nn.Parameter(torch.empty(2 * channels_out)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weights and bias uniformly, up to 1 / sqrt(2 * in)."""
        for parameter in self.parameters():
            _uniform(parameter, self.weight.shape[1])

    def forward(self, x: Tensor) -> Tensor:
        """(..., 2 * in) -> (..., 2 * out)."""
        return F.linear(x, structured(self.weight), self.bias)


class ComplexNorm(nn.Module):
    """The base of complex batch and instance norm: where `affine`, a linear map of the whitened parts.

    The map has three scales a channel, `[[weight_0, cross], [cross, weight_1]]`, and two shifts (`bias`); it
    starts at 1 / sqrt(2), so that the variance of a complex number is 1 (Trabelsi et al., 2018).
    """

    eps = 1e-5

    def __init__(self, channels: int, affine: bool) -> None:
        super().__init__()
        self.affine = affine
        if affine:
            self.weight = nn.Parameter(torch.empty(2 * channels))
            self.cross = nn.Parameter(torch.empty(channels))
            self.bias = nn.Parameter(torch.empty(2 * channels))
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scales of 1 / sqrt(2), no mixing of the parts, no shift."""
        if self.affine:
            nn.init.constant_(self.weight, 2**-0.5)
            nn.init.zeros_(self.cross)
            nn.init.zeros_(self.bias)

    def mapped(self, x: Tensor) -> Tensor:
        """The affine map of (N, 2C, H, W)."""
        if not self.affine:
            return x
        crossed = torch.stack((-self.cross, self.cross), 1).view(-1)
        weight, crossed, bias = (one[:, None, None] for one in (self.weight, crossed, self.bias))
        return x * weight + turned(x) * crossed + bias


class ComplexBatchNorm2d(ComplexNorm):
    """Whitening over the batch; in evaluation by running statistics (momentum 0.1).

    running_mean, running_var: (2C,), of each part; running_cov: (C,), of the parts of a channel.
    """

    running_mean: Tensor
    running_var: Tensor
    running_cov: Tensor

    def __init__(self, channels: int, affine: bool = False) -> None:
        super().__init__(channels, affine)
        self.register_buffer("running_mean", torch.zeros(2 * channels))
        self.register_buffer("running_var", torch.ones(2 * channels))
        self.register_buffer("running_cov", torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H, W); in training it moves the running statistics."""
        full = x.to(self.running_mean.dtype)  # half precision would lose the covariance
        if self.training and (together() or by_torch()):
            out, batch, count = whitened(full, self.eps)
            unbiased = count / (count - 1).clamp(min=1)
            self._follow(Moments(batch[0], batch[1] * unbiased, batch[2] * unbiased))
        elif self.training:
            out, *own = Whiten.apply(full, self.eps)
            self._follow(Moments(*own), x.numel() // x.shape[1])
        else:
            root = inverse_root(self.running_var, self.running_cov, self.eps)
            direct, crossed = weights_of(root.a, root.b)
            offset = -applied_to(direct, crossed, self.running_mean)
            out = full * direct[:, None, None] + turned(full) * crossed[:, None, None] + offset[:, None, None]
        return self.mapped(out).to(x.dtype)

    @torch.no_grad()
    def _follow(self, batch: Moments, count: int = 0) -> None:
        """Move the statistics to moments of a batch, biased ones over `count` values; 0: unbiased ones."""
        momentum = MOMENTUM.get()
        unbiased = momentum * count / max(count - 1, 1) if count else momentum
        self.running_mean.lerp_(batch.mean, momentum)
        self.running_var.mul_(1 - momentum).add_(batch.variance, alpha=unbiased)
        self.running_cov.mul_(1 - momentum).add_(batch.covariance, alpha=unbiased)


class ComplexInstanceNorm2d(ComplexNorm):
    """Whitening of each channel of each example by its own moments."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H, W)."""
        n, _, h, w = x.shape
        full = x.to(torch.promote_types(x.dtype, torch.float32))
        examples = full.reshape(1, -1, h, w).contiguous(memory_format=torch.channels_last)
        if by_torch() and not together():
            out = whitened(examples, self.eps).out
        else:
            out, *_ = Whiten.apply(examples, self.eps)
        out = out.reshape(n, -1, h, w).contiguous(memory_format=torch.channels_last)
        return self.mapped(out).to(x.dtype)


class ComplexMaxPool(nn.Module):
    """The value of the largest modulus of a window; padding `kernel // 2`; sizes: ceil(size / stride)."""

    def __init__(self, kernel: Pair, stride: Pair) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H', W')."""
        padding = (self.kernel[0] // 2, self.kernel[1] // 2)
        return max_modulus(x, self.kernel, self.stride, padding)


class ComplexTilePool(nn.Module):
    """The value of the largest modulus of a tile of `stride`; sizes become ceil(size / stride).

    whole: whether only whole tiles count; sizes become floor(size / stride).
    """

    def __init__(self, stride: Pair, whole: bool = False) -> None:
        super().__init__()
        self.stride = stride
        self.padding: Pair | None = (0, 0) if whole else None

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H', W')."""
        return max_modulus(x, self.stride, self.stride, self.padding)


class ComplexProduct(nn.Module):
    """The product of its inputs, element by element."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        """The product of tensors (N, 2C, ...) of one shape."""
        for other in others:
            first = product(first, other)
        return first


class ComplexBounded(nn.Module):
    """`z / (1 + |z|)`: the phase of z, and a modulus below 1."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, ...) -> (N, 2C, ...)."""
        return bounded(x)


class Magnitude(nn.Module):
    """The modulus, with gradient 0 where it is 0: (N, 2C, ...) -> (N, C, ...), real."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, ...) -> (N, C, ...)."""
        return modulus(x)
