"""Modules and functions that exported files need beside torch's: their source is copied into such files.

Nothing here may name anything but itself and what exported files import. Comments and docstrings of the
classes and functions are copied as well.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Recurrent(nn.GRU):
    """Gated recurrent units over time: (N, C, F, T) or (N, C, T) -> (N, hidden, T).

    A step reads all channels and frequencies of its time.
    """

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, _ = super().forward(x.flatten(1, -2).transpose(1, 2))
        return steps.transpose(1, 2)


class LongRecurrent(nn.LSTM):
    """Units with a long short-term memory over time: (N, C, F, T) or (N, C, T) -> (N, hidden, T).

    A step reads all channels and frequencies of its time.
    """

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        steps, _ = super().forward(x.flatten(1, -2).transpose(1, 2))
        return steps.transpose(1, 2)


def nearest(x: Tensor, frequency: int, time: int) -> Tensor:
    """(N, C, F, T) -> (N, C, frequency, time): place i of m takes the value at i * n // m of n."""
    for dim, wanted in ((2, frequency), (3, time)):
        x = x.index_select(dim, torch.arange(wanted, device=x.device) * x.shape[dim] // wanted)
    return x


class Bias(nn.Module):
    """Plus a term for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight.view(-1, *(1,) * (x.dim() - 2))


class Position(nn.Module):
    """(N, C, T) or (N, C, F, T) plus a term for each channel and step of time."""

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels, steps))

    def forward(self, x: Tensor) -> Tensor:
        return x + (self.weight[:, None] if x.dim() == 4 else self.weight)


class Token(nn.Module):
    """(N, C, T) or (N, C, 1, T) -> one step more, a learned one behind the last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        step = self.weight.view(-1, *(1,) * (x.dim() - 2)).expand(*x.shape[:-1], 1)
        return torch.cat((x, step), dim=-1)


def scores(query: Tensor, key: Tensor, heads: int) -> Tensor:
    """(N, C, Q), (N, C, K) -> (N, heads, K, Q): products of steps over the root of C / heads."""
    q = torch.unflatten(query.flatten(1, -2), 1, (heads, -1))
    k = torch.unflatten(key.flatten(1, -2), 1, (heads, -1))
    return torch.matmul(k.transpose(2, 3), q) / math.sqrt(q.shape[2])


def attend(weights: Tensor, values: Tensor) -> Tensor:
    """(N, heads, K, Q), (N, C, K) -> (N, C, Q): for each of Q steps the weighted sum of K others."""
    v = torch.unflatten(values.flatten(1, -2), 1, (weights.shape[1], -1))
    made = torch.matmul(v, weights).flatten(1, 2)
    return made.unsqueeze(2) if values.dim() == 4 else made


class PowerSpectrum(nn.Module):
    """Power of the short-time Fourier transform, frames centred; `whole` ones lie inside the wave.

    Waves (N, samples) -> (N, 1, window // 2 + 1, frames), samples // hop + 1 of them where they are centred.
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
        return (spectrum.real.square() + spectrum.imag.square()).unsqueeze(1)


class MelFilters(nn.Module):
    """Triangular mel filters over frequency (HTK scale); an empty one takes the nearest bin.

    (N, 1, bins, frames) -> (N, 1, bands, frames).
    """

    filters: Tensor

    def __init__(self, bins: int, bands: int, rate: float) -> None:
        super().__init__()
        top = 2595 * math.log10(1 + rate / 2 / 700)
        corners = 700 * (10 ** (torch.linspace(0, top, bands + 2, dtype=torch.float64) / 2595) - 1)
        hertz = torch.linspace(0, rate / 2, bins, dtype=torch.float64)
        low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
        rise, fall = (hertz - low) / (centre - low), (high - hertz) / (high - centre)
        filters = torch.minimum(rise, fall).clamp(min=0)
        empty = filters.sum(dim=1) == 0
        filters[empty, (hertz - centre).abs().argmin(dim=1)[empty]] = 1
        self.register_buffer("filters", filters.float(), persistent=False)

    def forward(self, spectrum: Tensor) -> Tensor:
        return self.filters @ spectrum


class Cepstrum(nn.Module):
    """The first coefficients of the cosine transform (type II, orthonormal) over frequency.

    (N, 1, bands, frames) -> (N, 1, coefficients, frames).
    """

    cosines: Tensor

    def __init__(self, bands: int, coefficients: int) -> None:
        super().__init__()
        places = (torch.arange(bands, dtype=torch.float64) + 0.5) * math.pi / bands
        rows = torch.cos(torch.arange(coefficients, dtype=torch.float64)[:, None] * places)
        rows *= math.sqrt(2 / bands)
        rows[0] /= math.sqrt(2)
        self.register_buffer("cosines", rows.float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.cosines @ x


class Colour(nn.Module):
    """Red, green and blue of a spectrogram (N, 1, F, T), by fixed ramps over a range."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x: Tensor) -> Tensor:
        v = (4 * (x - self.low) / (self.high - self.low)).clamp(0, 4)
        return torch.cat([(1.5 - (v - peak).abs()).clamp(0, 1) for peak in (3, 2, 1)], dim=1)


class Normalize(nn.Module):
    """(x - mean) / deviation, each a number a channel or one for all."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, mean: tuple[float, ...], deviation: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None], persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.deviation


class Scaled(nn.Module):
    """Each channel times a number of its own; `parts` is 2 where channels are complex."""

    def __init__(self, channels: int, parts: int = 1) -> None:
        super().__init__()
        self.parts = parts
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.repeat_interleave(self.parts)
        return x * weight.view(-1, *(1,) * (x.dim() - 2))


class Weighted(nn.Module):
    """All values times one number."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


class SubSpectralNorm(nn.BatchNorm2d):
    """A batch norm for each of `bands` bands of frequency."""

    def __init__(self, channels: int, bands: int, affine: bool = True) -> None:
        super().__init__(channels * bands, affine=affine)
        self.bands = bands

    def forward(self, x: Tensor) -> Tensor:
        bands = torch.unflatten(x, 2, (self.bands, -1)).flatten(1, 2)
        return super().forward(bands).reshape(x.shape)


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each place."""

    def __init__(self, channels: int, affine: bool = True) -> None:
        super().__init__(channels, elementwise_affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


def heard(wave: Tensor) -> Tensor:
    """A wave (length,) or (channels, length) of any type of numbers as mono, in [-1, 1].

    Integers are divided by the full scale of their type. Channels that would cancel out are not mixed: the
    loudest is heard. Floating-point samples that are as large as those of an integer type are divided by its
    full scale, and others above 1 by the largest.
    """
    whole = not wave.is_floating_point() and wave.dtype != torch.int64
    if whole:
        half = 2.0 ** (torch.iinfo(wave.dtype).bits - 1)
        wave = (wave.double() - (half if wave.dtype == torch.uint8 else 0.0)) / half
    wave = wave.float()
    if not wave.isfinite().all():
        raise ValueError("the wave holds NaN or infinite samples")
    if wave.dim() == 2:
        energies = wave.double().square().sum(dim=1)
        mixed = wave.mean(dim=0)
        cancelled = len(wave) > 1 and mixed.double().square().sum() < 0.01 * energies.max()
        wave = wave[energies.argmax()] if cancelled else mixed
    peak = float(wave.abs().max()) if len(wave) else 0.0
    if whole or peak <= 1:
        return wave
    return wave / next((2.0**bits for bits in (7, 15, 23, 31) if 16 < peak <= 2.0**bits), peak)


def in_windows(wave: Tensor, samples: int) -> Tensor:
    """A mono wave (length,) in [-1, 1] as (windows, samples) side by side, in steps of 16 bits.

    The last window ends where the wave does; a shorter wave stands in the middle of silence.
    """
    missing = max(0, samples - len(wave))
    wave = F.pad(wave, (missing // 2, missing - missing // 2))
    last = len(wave) - samples
    starts = [*range(0, last, samples), last]
    windows = torch.stack([wave[start : start + samples] for start in starts])
    return (windows * 32768).round().clamp(-32768, 32767) / 32768
