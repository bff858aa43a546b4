"""The steps of a complex front end that differ from those of a real one: they keep the phase.

Spectrograms are x_NCFT with two channels, real and imaginary part. From where their phases count is the
`phase` of the STFT:

start     From the first sample of each frame. The mel filters sum the values as they are, and so do noise,
          masks and what else is linear: the literal reading of "the same front end, over complex numbers".
          The bins next to each other under a Hann window alternate in sign then, and the filters, which sum
          several of them, cancel most of the sound.
centre    From the sample in the middle of each frame.
relative  From the phase of the same bin in the frame before: how far it turned. The first frame, which has
          none before it, has phase 0.

With `centre` and `relative` a complex front end is the real one with a phase: in every band the modulus is
the real feature, counted from its value at silence. Let S be the power of a band. The real feature is S, or
`log(S + FLOOR)` after a log; the modulus is `sqrt(S)`, or `log(S + FLOOR) - log(FLOOR) = log1p(S / FLOOR)`.
So each step makes two things: what the step of a real front end makes of the moduli, by that step itself with
the same draws, and directions (numbers of modulus 1) from the complex values. The mel filters, say, sum
powers, `S = filters |X|^2`, and the direction is that of `filters X`. Where values cancel or there are none,
the direction is 1, that of phase 0.

The logarithm of a modulus may be negative, and a negative modulus would turn the phase round. That is why it
counts from the floor. It is never negative; far below the floor it is `S / FLOOR`, so that a bin without
sound is 0 and its phase, which is noise, weighs nothing.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from ...ir.primitives.frontend import Phase
from .augment import AddNoise, Mask, Squares, Stretch, mean
from .spectrum import FLOOR, Log, Mel, StepModule, Stft


def power(x: Tensor) -> Tensor:
    """(N, 2, F, T) -> (N, 1, F, T): the squares of the moduli."""
    return x.square().sum(1, keepdim=True)


def moduli(x: Tensor) -> Tensor:
    """(N, 2, F, T) -> (N, 1, F, T), of numbers too small for a square as well."""
    return torch.hypot(x[:, :1], x[:, 1:])


def directions(x: Tensor) -> Tensor:
    """Every value divided by its modulus; 0 where it is 0."""
    return x / power(x).sqrt().clamp(min=torch.finfo(x.dtype).tiny)


def units(x: Tensor) -> Tensor:
    """Every value divided by its modulus; 1 where it is 0."""
    tiny = torch.finfo(x.dtype).tiny
    modulus = moduli(x)
    heard, divided = modulus >= tiny, x / modulus.clamp(min=tiny)
    return torch.cat((torch.where(heard, divided[:, :1], 1.0), torch.where(heard, divided[:, 1:], 0.0)), 1)


def times(x: Tensor, y: Tensor) -> Tensor:
    """The products of complex values."""
    a, b, c, d = x[:, :1], x[:, 1:], y[:, :1], y[:, 1:]
    return torch.cat((a * c - b * d, a * d + b * c), 1)


def conjugate(x: Tensor) -> Tensor:
    """Every value with its phase turned round."""
    return torch.cat((x[:, :1], -x[:, 1:]), 1)


class ComplexStft(Stft):
    """The values of the short-time Fourier transform: x_NS to (N, 2, bins, frames).

    The values of `spectrum` count their phases from the start of a frame, `window // 2` samples before its
    middle, which is `2 pi k (window // 2) / window` in bin k: by so much `centre` turns them on.
    """

    turned: Tensor  # (1, 2, bins, 1)

    def __init__(self, window: int, hop: int, phase: Phase = "start", whole: bool = False) -> None:
        super().__init__(window, hop, whole)
        self.phase = phase
        half = window // 2
        angles = 2 * math.pi * (torch.arange(half + 1, dtype=torch.float64) * half % window) / window
        turned = torch.stack((angles.cos(), angles.sin())).float()
        self.register_buffer("turned", turned[None, :, :, None], persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        """Waves (N, S) -> (N, 2, bins, frames)."""
        values = torch.stack(self.spectrum(x), 1)
        if self.phase == "centre":
            return times(values, self.turned)
        if self.phase == "relative":
            phases = units(values)
            before = torch.cat((phases[..., :1], phases[..., :-1]), -1)
            return moduli(values) * times(phases, conjugate(before))
        return values


class ComplexLog(Log):
    """The logarithm of the power, counted from the floor, in the direction of the value."""

    def fixed(self, x: Tensor) -> Tensor:
        """(N, 2, F, T) -> (N, 2, F, T)."""
        return directions(x) * torch.log1p(power(x) / FLOOR)

    @staticmethod
    def inverse(x: Tensor) -> Tensor:
        """The values of which `x` holds the logarithms: the inverse of `fixed`."""
        return directions(x) * (torch.expm1(power(x).sqrt()) * FLOOR).sqrt()


# --- phases from the start of each frame --------------------------------------------------------------------


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
        level = (ratio * mean(power(signal)) / mean(power(noise)).clamp(min=FLOOR)).sqrt()
        noisy = signal + level * noise
        return torch.where(chosen, ComplexLog().fixed(noisy) if self.logarithmic else noisy, x)


class ComplexStretch(Stretch):
    """Time runs faster or slower: moduli are linear between frames, the phase is that of the nearer frame.

    A straight line between the values of two frames, whose phases are unrelated, would pass near 0.
    """

    def between(self, before: Tensor, after: Tensor, share: Tensor) -> Tensor:
        """The values at a share (N, 1, 1, T) of the way from one frame to the next."""
        modulus = torch.lerp(power(before).sqrt(), power(after).sqrt(), share)
        return directions(torch.where(share < 0.5, before, after)) * modulus


# --- the steps of a real front end, with a phase ------------------------------------------------------------


class Phased(StepModule):
    """A step of a real front end over complex values. logarithmic: whether a log is among those before it."""

    logarithmic = False

    def real(self, x: Tensor) -> Tensor:
        """(N, 2, F, T) -> (N, 1, F, T): the features of the real front end, less their values at silence."""
        return moduli(x) if self.logarithmic else power(x)

    def complex(self, real: Tensor, directions: Tensor) -> Tensor:
        """The values of given real features (less those at silence) in given directions."""
        return directions * (real if self.logarithmic else real.sqrt())


class PhasedMel(Phased, Mel):
    """Mel filters: they sum powers, and the direction is that of the sum of the values."""

    def fixed(self, x: Tensor) -> Tensor:
        """(N, 2, bins, T) -> (N, 2, bands, T)."""
        return self.complex(self.filters @ self.real(x), units(self.filters @ x))


class PhasedAddNoise(Phased, AddNoise):
    """Background noise that joins a share of the examples: powers are added, as `AddNoise` adds them.

    The direction is that of `s + sqrt(level) n`, the values of signal and noise before the log.
    """

    @property
    def silence(self) -> float:
        """The real feature at silence."""
        return math.log(FLOOR) if self.logarithmic else 0.0

    def level(self, x: Tensor, noise: Tensor, ratio: Tensor) -> Tensor:
        """The level of the noise that the real step finds, (N, 1, 1, 1)."""
        return super().level(self.real(x) + self.silence, self.real(noise) + self.silence, ratio)

    def joined(self, x: Tensor, noise: Tensor, level: Tensor) -> Tensor:
        """Signal plus noise at a level, (N, 2, F, T)."""
        sum = super().joined(self.real(x) + self.silence, self.real(noise) + self.silence, level)
        if self.logarithmic:
            x, noise, level = ComplexLog.inverse(x), ComplexLog.inverse(noise), level.exp()
        return self.complex(sum - self.silence, units(x + level.sqrt() * noise))


class PhasedStretch(Phased, Stretch):
    """Time runs faster or slower: moduli as `Stretch` makes them, the phase is that of the nearer frame."""

    def between(self, before: Tensor, after: Tensor, share: Tensor) -> Tensor:
        """The values at a share (N, 1, 1, T) of the way from one frame to the next."""
        real = super().between(self.real(before), self.real(after), share)
        return self.complex(real, units(torch.where(share < 0.5, before, after)))


class PhasedMask(Phased, Mask):
    """A mask filled with the mean of the real features, in the direction of the mean of the values."""

    def fill(self, x: Tensor) -> Tensor:
        """What a mask is filled with, (N, 2, 1, 1)."""
        return self.complex(super().fill(self.real(x)), units(mean(x)))


class PhasedSquares(Phased, Squares):
    """A square filled as `PhasedMask` fills its mask."""

    def fill(self, x: Tensor) -> Tensor:
        """What the square is filled with, (N, 2, 1, 1)."""
        return self.complex(super().fill(self.real(x)), units(mean(x)))
