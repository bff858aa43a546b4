"""The steps of a complex front end that differ from those of a real one: they keep the phase.

Spectrograms are x_NCFT with two channels, real and imaginary part. The STFT returns its complex values, and
the mel filters, which are linear, sum them with their phases. What follows changes moduli and leaves the
phase of every value, or treats both parts alike.

The logarithm of a modulus may be negative, and a negative modulus would turn the phase round. So it counts
from the floor: `log(1 + |S|^2 / FLOOR) e^(i phase(S))`. That is the logarithm of the power that a real front
end computes, `log(|S|^2 + FLOOR)`, less its value at silence. It is never negative; far below the floor it is
`|S|^2 / FLOOR`, so that a bin without sound is 0 and its phase, which is noise, weighs nothing.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from .augment import AddNoise, Stretch
from .spectrum import FLOOR, Log, Stft


def power(x: Tensor) -> Tensor:
    """(N, 2, F, T) -> (N, 1, F, T): the squares of the moduli."""
    return x.square().sum(1, keepdim=True)


def directions(x: Tensor) -> Tensor:
    """Every value divided by its modulus; 0 where it is 0."""
    return x / power(x).sqrt().clamp(min=torch.finfo(x.dtype).tiny)


class ComplexStft(Stft):
    """The values of the short-time Fourier transform: x_NS to (N, 2, bins, frames)."""

    def fixed(self, x: Tensor) -> Tensor:
        """Waves (N, S) -> (N, 2, bins, frames)."""
        spectrum = self.spectrum(x)
        return torch.stack((spectrum.real, spectrum.imag), 1)


class ComplexLog(Log):
    """The logarithm of the power, counted from the floor, in the direction of the value."""

    def fixed(self, x: Tensor) -> Tensor:
        """(N, 2, F, T) -> (N, 2, F, T)."""
        return directions(x) * torch.log1p(power(x) / FLOOR)

    @staticmethod
    def inverse(x: Tensor) -> Tensor:
        """The values of which `x` holds the logarithms: the inverse of `fixed`."""
        return directions(x) * (torch.expm1(power(x).sqrt()) * FLOOR).sqrt()


class ComplexAddNoise(AddNoise):
    """Background noise that joins a share of the examples: the values are added, with their phases.

    The transforms before it are linear but for the logarithm, which is taken back and again: what comes out
    are the features of the sum of the two waves. `level` makes the mean power of the signal stand above that
    of the noise by a ratio drawn uniformly from `snr` decibels.
    """

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """(N, 2, F, T) -> (N, 2, F, T)."""
        chosen, ratio, noise = self.drawn(x, generator)
        signal, noise = (ComplexLog.inverse(one) if self.logarithmic else one for one in (x, noise))
        level = (ratio * _mean_power(signal) / _mean_power(noise).clamp(min=FLOOR)).sqrt()
        noisy = signal + level * noise
        return torch.where(chosen, ComplexLog().fixed(noisy) if self.logarithmic else noisy, x)


def _mean_power(x: Tensor) -> Tensor:
    return power(x).mean(dim=(-2, -1), keepdim=True)


class ComplexStretch(Stretch):
    """Time runs faster or slower: moduli are linear between frames, the phase is that of the nearer frame.

    A straight line between the values of two frames, whose phases are unrelated, would pass near 0.
    """

    def between(self, before: Tensor, after: Tensor, share: Tensor) -> Tensor:
        """The values at a share (N, 1, 1, T) of the way from one frame to the next."""
        moduli = torch.lerp(power(before).sqrt(), power(after).sqrt(), share)
        return directions(torch.where(share < 0.5, before, after)) * moduli
