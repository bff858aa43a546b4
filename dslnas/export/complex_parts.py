"""Modules and functions of complex networks whose source is copied into exported files, like `parts.py`.

A complex tensor of C channels is a real one of 2C: real and imaginary part of each channel side by side. What
treats both parts alike (sums, activations, mean pools, ...) is the real operation. Weights are pairs as well,
along their first axis.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .parts import MelFilters


def split(x: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 2C, ...) -> the real and the imaginary parts, (N, C, ...) each."""
    real, imaginary = torch.unflatten(x, 1, (-1, 2)).unbind(2)
    return real, imaginary


def paired(real: Tensor, imaginary: Tensor) -> Tensor:
    """The inverse of `split`: both parts of each channel side by side."""
    return torch.stack((real, imaginary), dim=2).flatten(1, 2)


def product(first: Tensor, *others: Tensor) -> Tensor:
    """The product of complex tensors, element by element."""
    real, imaginary = split(first)
    for other in others:
        a, b = split(other)
        real, imaginary = real * a - imaginary * b, real * b + imaginary * a
    return paired(real, imaginary)


def rescaled(x: Tensor, by: float, plus: float) -> Tensor:
    """`by` times complex values, and `plus`, which is real."""
    real, imaginary = split(x)
    return paired(by * real + plus, by * imaginary)


def bounded(x: Tensor) -> Tensor:
    """`z / (1 + |z|)`, without a square that is too large for its precision."""
    unit = x.abs().amax(dim=1, keepdim=True).clamp(min=1).detach()
    parts: Tensor = torch.unflatten(x / unit, 1, (-1, 2))
    size: Tensor = torch.linalg.vector_norm(parts, dim=2, keepdim=True)
    return torch.flatten(parts / (1 / unit.unsqueeze(2) + size), 1, 2)


def structured(weight: Tensor) -> Tensor:
    """Complex weights (2 * out, in, ...) as those of a real layer (2 * out, 2 * in, ...): each pair of rows
    (a, b) becomes [[a, -b], [b, a]].
    """
    a, b = weight[0::2], weight[1::2]
    above, below = torch.stack((a, -b), dim=2), torch.stack((b, a), dim=2)
    return torch.stack((above, below), dim=1).flatten(2, 3).flatten(0, 1)


def whitened(x: Tensor, mean: Tensor, variance: Tensor, covariance: Tensor) -> Tensor:
    """Complex channels (N, 2C, H, W) with mean 0 and uncorrelated parts of variance 1 each.

    mean, variance (N or 1, 2C): of the parts; covariance (N or 1, C): of the two parts of a channel. It is
    `V^(-1/2) (x - mean)`, where V is the 2x2 covariance of a channel (Trabelsi et al., 2018, section 3.5).
    """
    eps = 1e-5
    of_real, of_imaginary = split(variance)
    p = (of_real + of_imaginary) / 2
    least = 4 * torch.finfo(x.dtype).eps * p.square()  # what rounding leaves of the determinant
    determinant = torch.maximum(of_real * of_imaginary - covariance.square(), least)
    s = (determinant + eps * (2 * p + eps)).sqrt()  # exporters take `+ eps**2` for one of 0
    t = (2 * (p + eps + s)).sqrt()
    a, b = t / (2 * s), (of_imaginary - of_real) / (2 * s * t)
    c = -covariance / (s * t)  # the root maps z to a z + (b + c i) conj(z)
    a, b, c, mean = (one[:, :, None, None] for one in (a, b, c, mean))
    real, imaginary = split(x - mean)
    return paired((a + b) * real + c * imaginary, c * real + (a - b) * imaginary)


class ComplexConv2d(nn.Module):
    """Complex convolution without bias: a real one over both parts, with structured weights."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        size = (kernel, kernel) if isinstance(kernel, int) else kernel
        self.weight = nn.Parameter(torch.empty(2 * channels_out, channels_in // groups, *size))
        nn.init.kaiming_uniform_(self.weight, a=3**0.5)

    def forward(self, x: Tensor) -> Tensor:
        weight = structured(self.weight)
        return F.conv2d(x, weight, None, self.stride, self.padding, self.dilation, self.groups)


class ComplexLinear(nn.Module):
    """(..., 2 * in) -> (..., 2 * out)."""

    def __init__(self, features_in: int, features_out: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * features_out, features_in))
        self.bias = nn.Parameter(torch.zeros(2 * features_out)) if bias else None
        nn.init.kaiming_uniform_(self.weight, a=3**0.5)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, structured(self.weight), self.bias)


class ComplexNorm(nn.Module):
    """The linear map of the two parts after a whitening: three scales and two shifts a channel."""

    def __init__(self, channels: int, affine: bool) -> None:
        super().__init__()
        self.affine = affine
        if affine:
            self.weight = nn.Parameter(torch.full((2 * channels,), 2**-0.5))
            self.cross = nn.Parameter(torch.zeros(channels))
            self.bias = nn.Parameter(torch.zeros(2 * channels))

    def mapped(self, x: Tensor) -> Tensor:
        """The map, where there is one."""
        if not self.affine:
            return x
        real, imaginary = split(x)
        cross = self.cross[:, None, None]
        crossed = paired(cross * imaginary, cross * real)
        return x * self.weight[:, None, None] + crossed + self.bias[:, None, None]


class ComplexBatchNorm2d(ComplexNorm):
    """Whitening over the batch; in evaluation by running statistics."""

    running_mean: Tensor
    running_var: Tensor
    running_cov: Tensor

    def __init__(self, channels: int, affine: bool = True, momentum: float = 0.1) -> None:
        super().__init__(channels, affine)
        self.momentum = momentum
        self.register_buffer("running_mean", torch.zeros(2 * channels))
        self.register_buffer("running_var", torch.ones(2 * channels))
        self.register_buffer("running_cov", torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        mean, variance, covariance = self.running_mean, self.running_var, self.running_cov
        if self.training:
            mean, variance = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)
            real, imaginary = split(x - mean[:, None, None])
            covariance = (real * imaginary).mean(dim=(0, 2, 3))
            self.follow(mean, variance, covariance, x.numel() // x.shape[1])
        return self.mapped(whitened(x, mean[None], variance[None], covariance[None]))

    @torch.no_grad()
    def follow(self, mean: Tensor, variance: Tensor, covariance: Tensor, count: int) -> None:
        """Move the running statistics towards those of a batch of so many values a channel."""
        unbiased = count / max(count - 1, 1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * unbiased, self.momentum)
        self.running_cov.lerp_(covariance * unbiased, self.momentum)


class ComplexSubSpectralNorm(ComplexBatchNorm2d):
    """A whitening for each of `bands` bands of frequency."""

    def __init__(self, channels: int, bands: int, affine: bool = True) -> None:
        super().__init__(channels * bands, affine)
        self.bands = bands

    def forward(self, x: Tensor) -> Tensor:
        bands = torch.unflatten(torch.unflatten(x, 1, (-1, 2)), 3, (self.bands, -1)).transpose(2, 3)
        out = super().forward(bands.flatten(1, 3)).reshape(bands.shape)
        return out.transpose(2, 3).reshape(x.shape)


class ComplexInstanceNorm2d(ComplexNorm):
    """Whitening of each channel of each example by its own moments."""

    def __init__(self, channels: int, affine: bool = False) -> None:
        super().__init__(channels, affine)

    def forward(self, x: Tensor) -> Tensor:
        mean, variance = x.mean(dim=(2, 3)), x.var(dim=(2, 3), correction=0)
        real, imaginary = split(x - mean[:, :, None, None])
        covariance = (real * imaginary).mean(dim=(2, 3))
        return self.mapped(whitened(x, mean, variance, covariance))


class ComplexMaxPool2d(nn.MaxPool2d):
    """The value of the largest modulus of each window."""

    def forward(self, x: Tensor) -> Tensor:
        real, imaginary = split(x)
        power = real.square() + imaginary.square()
        window = (self.kernel_size, self.stride, self.padding)
        _, places = F.max_pool2d(power, *window, ceil_mode=self.ceil_mode, return_indices=True)
        flat = places.flatten(2)
        return paired(*(part.flatten(2).gather(2, flat).view_as(places) for part in (real, imaginary)))


class Spectrum(nn.Module):
    """The short-time Fourier transform: real and imaginary part as channels.

    Waves (N, samples) -> (N, 2, window // 2 + 1, frames), samples // hop + 1 of them where they are centred;
    `whole` ones lie inside the wave.
    """

    hann: Tensor

    def __init__(self, window: int, hop: int, whole: bool = False) -> None:
        super().__init__()
        self.window, self.hop, self.whole = window, hop, whole
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        half = self.window // 2
        padded = waves if self.whole else F.pad(waves, (half, self.window - half))
        spectrum = torch.stft(
            padded, self.window, self.hop, window=self.hann, center=False, return_complex=True
        )
        return torch.stack((spectrum.real, spectrum.imag), dim=1)


def log_modulus(x: Tensor) -> Tensor:
    """The logarithm of the power, counted from a floor, in the direction of each value: the phase stays."""
    power = x.square().sum(dim=1, keepdim=True)
    direction = x / power.sqrt().clamp(min=torch.finfo(x.dtype).tiny)
    return direction * torch.log1p(power / 1e-3)


def in_direction(x: Tensor, modulus: Tensor | float = 1.0) -> Tensor:
    """Complex values of given moduli in the directions of those of x (N, 2, F, T); of 0 the phase is 0."""
    tiny = torch.finfo(x.dtype).tiny
    own = torch.hypot(x[:, :1], x[:, 1:])
    real, imaginary = split(x / own.clamp(min=tiny))
    silent = own < tiny
    return modulus * paired(torch.where(silent, 1.0, real), torch.where(silent, 0.0, imaginary))


class CentredSpectrum(Spectrum):
    """A spectrum whose phases count from the sample in the middle of each frame."""

    turned: Tensor

    def __init__(self, window: int, hop: int, whole: bool = False) -> None:
        super().__init__(window, hop, whole)
        half = window // 2
        angles = 2 * torch.pi * (torch.arange(half + 1, dtype=torch.float64) * half % window) / window
        turned = torch.stack((angles.cos(), angles.sin())).float()
        self.register_buffer("turned", turned[None, :, :, None], persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        return product(super().forward(waves), self.turned)


class RelativeSpectrum(Spectrum):
    """A spectrum whose phases count from those of the frame before; the first frame has phase 0."""

    def forward(self, waves: Tensor) -> Tensor:
        values = super().forward(waves)
        phases = in_direction(values)
        before = torch.cat((phases[..., :1], phases[..., :-1]), dim=-1)
        back = torch.cat((before[:, :1], -before[:, 1:]), dim=1)
        return torch.hypot(values[:, :1], values[:, 1:]) * product(phases, back)


class PhasedMelFilters(MelFilters):
    """Mel filters that sum powers; the phase of a band is that of the sum of its values.

    (N, 2, bins, frames) -> (N, 2, bands, frames).
    """

    def forward(self, spectrum: Tensor) -> Tensor:
        power = self.filters @ spectrum.square().sum(dim=1, keepdim=True)
        return in_direction(self.filters @ spectrum, power.sqrt())
