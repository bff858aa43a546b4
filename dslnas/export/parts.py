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


class PowerSpectrum(nn.Module):
    """Power of the short-time Fourier transform, frames centred.

    Waves (N, samples) -> (N, 1, window // 2 + 1, samples // hop + 1).
    """

    hann: Tensor

    def __init__(self, window: int, hop: int) -> None:
        super().__init__()
        self.window, self.hop = window, hop
        self.register_buffer("hann", torch.hann_window(window), persistent=False)

    def forward(self, waves: Tensor) -> Tensor:
        half = self.window // 2
        padded = F.pad(waves, (half, self.window - half))
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


def fit(wave: Tensor, samples: int) -> Tensor:
    """A mono wave (length,) in [-1, 1] as (samples,), in steps of 16 bits.

    Of a longer one it is the loudest stretch, a shorter one stands in the middle of silence.
    """
    if len(wave) > samples:
        energy = F.pad(wave.double().square().cumsum(0), (1, 0))
        start = int((energy[samples:] - energy[:-samples]).argmax())
        wave = wave[start : start + samples]
    before = (samples - len(wave)) // 2
    wave = F.pad(wave.float(), (before, samples - len(wave) - before))
    return (wave * 32768).round().clamp(-32768, 32767) / 32768
