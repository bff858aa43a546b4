"""Data augmentation, the random steps of a front end: each example has its own draws from one generator."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from .spectrum import FLOOR, StepModule


def uniform(x: Tensor, generator: Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """One random number per example of x, shape (N, 1), on the device of x."""
    drawn = torch.rand((len(x), 1), generator=generator, device=generator.device)
    return low + (high - low) * drawn.to(x.device, non_blocking=True)


class Gain(StepModule):
    """x_NS times a gain drawn uniformly from a range of decibels."""

    random = True

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, S) -> (N, S)."""
        decibels = uniform(x, generator, self.low, self.high)
        return x * torch.exp(decibels * (math.log(10) / 20))


class Fade(StepModule):
    """x_NS with a linear fade-in and fade-out, each of a length drawn from 0 to `length` samples."""

    random = True

    def __init__(self, length: float) -> None:
        super().__init__()
        self.length = length

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, S) -> (N, S)."""
        place = torch.arange(x.shape[-1], device=x.device, dtype=x.dtype) + 1
        rise = (place / uniform(x, generator, 1e-3, max(self.length, 1e-3))).clamp(max=1)
        fall = (place.flip(0) / uniform(x, generator, 1e-3, max(self.length, 1e-3))).clamp(max=1)
        return x * rise * fall


class AddNoise(StepModule):
    """Background noise that went through the same transforms joins a share of the examples, after the log.

    The paper (section 4, figure 6) adds the noise "after the logarithmic transformation". Adding the two
    logarithms would multiply the spectra: noise would filter the signal, and quiet noise would erase it. So
    the powers are added and the sum stays a logarithm: `log(S + level * N)`, the expected spectrum of signal
    plus noise. `level` makes the mean power of the signal stand above that of the noise by a ratio drawn
    uniformly from `snr` decibels. The noise is a random stretch of frames of the data set's recordings.
    """

    random = True
    bank: Tensor

    def __init__(self, probability: float, low: float, high: float) -> None:
        super().__init__()
        self.probability, self.low, self.high = probability, low, high
        self.logarithmic = True
        self.register_buffer("bank", torch.zeros(0), persistent=False)

    def hold(self, bank: Tensor, logarithmic: bool) -> None:
        """Keep the noise's spectrogram (C, F, T), longer than an example; `logarithmic`: after a log."""
        self.bank, self.logarithmic = bank, logarithmic

    def drawn(self, x: Tensor, generator: Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Of each example: whether noise joins it, the ratio of the powers of noise and signal, the noise."""
        frames = x.shape[-1]
        last = self.bank.shape[-1] - frames
        starts = (uniform(x, generator) * (last + 1)).long().clamp(max=last)
        places = starts + torch.arange(frames, device=x.device)
        noise = self.bank[..., places].permute(2, 0, 1, 3)  # (C, F, N, T) to (N, C, F, T)
        chosen = uniform(x, generator) < self.probability
        decibels = uniform(x, generator, self.low, self.high)
        ratio = torch.exp(decibels * (-math.log(10) / 10))
        return chosen[..., None, None], ratio[..., None, None], noise

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, C, F, T) -> (N, C, F, T), power spectrograms or their logarithms."""
        chosen, ratio, noise = self.drawn(x, generator)
        return torch.where(chosen, self.joined(x, noise, self.level(x, noise, ratio)), x)

    def level(self, x: Tensor, noise: Tensor, ratio: Tensor) -> Tensor:
        """The factor of the power of the noise; its logarithm after a log."""
        if not self.logarithmic:
            return ratio * mean(x) / mean(noise).clamp(min=FLOOR)
        return torch.log(ratio) + _log_mean(x) - _log_mean(noise)

    def joined(self, x: Tensor, noise: Tensor, level: Tensor) -> Tensor:
        """Signal plus noise at a level."""
        return torch.logaddexp(x, level + noise) if self.logarithmic else x + level * noise


def mean(x: Tensor) -> Tensor:
    """(N, C, F, T) -> (N, C, 1, 1)."""
    return x.mean(dim=(-2, -1), keepdim=True)


def _log_mean(x: Tensor) -> Tensor:
    """The logarithm of the mean of the exponentials: the mean power of a log spectrogram."""
    return torch.logsumexp(x, dim=(-2, -1), keepdim=True) - math.log(x.shape[-1] * x.shape[-2])


class Stretch(StepModule):
    """Time runs faster or slower by a factor per example, around the middle; linear between frames.

    The number of frames stays: what is missing at the ends repeats the first or the last frame.
    """

    random = True

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, C, F, T) -> (N, C, F, T)."""
        frames = x.shape[-1]
        middle = (frames - 1) / 2
        time = torch.arange(frames, device=x.device, dtype=x.dtype) - middle
        place = (middle + time * uniform(x, generator, self.low, self.high)).clamp(0, frames - 1)
        before = place.floor()
        left = before.long()[:, None, None, :].expand_as(x)
        right = (left + 1).clamp(max=frames - 1)
        return self.between(x.gather(-1, left), x.gather(-1, right), (place - before)[:, None, None, :])

    def between(self, before: Tensor, after: Tensor, share: Tensor) -> Tensor:
        """The values at a share (N, 1, 1, T) of the way from one frame to the next."""
        return torch.lerp(before, after, share)


class Mask(StepModule):
    """One mask of 0 to `width` rows along an axis (-1 time, -2 frequency), filled with the example's mean."""

    random = True

    def __init__(self, width: int, axis: int) -> None:
        super().__init__()
        self.width, self.axis = width, axis

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, C, F, T) -> (N, C, F, T)."""
        extent = x.shape[self.axis]
        width = (uniform(x, generator) * (self.width + 1)).floor()
        start = (uniform(x, generator) * (extent - width + 1)).floor()
        place = torch.arange(extent, device=x.device)
        masked = ((place >= start) & (place < start + width))[:, None, :, None]
        return torch.where(masked.transpose(-1, -2) if self.axis == -1 else masked, self.fill(x), x)

    def fill(self, x: Tensor) -> Tensor:
        """What stands under the mask: (N, C, 1, 1)."""
        return mean(x)


class Squares(StepModule):
    """A square of `width` pixels around a random pixel of each example, cut at the border, and filled.

    In a spectrogram with the example's mean, as masks are.
    """

    random = True

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, C, F, T) -> (N, C, F, T)."""
        rows = self._inside(x, generator, x.shape[2])[:, None, :, None]
        columns = self._inside(x, generator, x.shape[3])[:, None, None, :]
        return torch.where(rows & columns, self.fill(x), x)

    def _inside(self, x: Tensor, generator: Generator, extent: int) -> Tensor:
        """Which rows or columns of each example the square covers: (N, extent)."""
        first = (uniform(x, generator) * extent).floor() - self.width // 2
        place = torch.arange(extent, device=x.device)
        return (place >= first) & (place < first + self.width)

    def fill(self, x: Tensor) -> Tensor:
        """What stands in the square: (N, C, 1, 1), or a number for all."""
        return mean(x)
