"""The deterministic steps of a front end: wave, STFT, mel filters, logarithm.

Shapes: waves x_NS (examples, samples), spectrograms x_NCFT (examples, 1, frequency, time); complex ones
(`phase.py`) have two channels, real and imaginary part. A step is called with a `torch.Generator` to augment
and with None to be deterministic: random steps are then the identity.
Nothing here or in `augment` waits for the device: no value is read back, no shape depends on one.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor, nn

FLOOR = 1e-3  # added to the power before the logarithm: hides what is quieter than any room


FULL_SCALE = {torch.int16: 32768, torch.uint8: 255}  # of waves, of images


def to_float(raw: Tensor) -> Tensor:
    """Waves as float32 in [-1, 1] and images in [0, 1], from whole numbers or from that."""
    return raw.float() / FULL_SCALE.get(raw.dtype, 1)


class StepModule(nn.Module):
    """One step of a front end; random ones override `apply_to`, the others `fixed`."""

    random = False

    def forward(self, x: Tensor, generator: Generator | None = None) -> Tensor:
        """Augments with a generator; deterministic with None, and then the identity in a random step."""
        if generator is None:
            return x if self.random else self.fixed(x)
        return self.apply_to(x, generator)

    def fixed(self, x: Tensor) -> Tensor:
        """What a deterministic step computes."""
        raise NotImplementedError

    def apply_to(self, x: Tensor, generator: Generator) -> Tensor:
        """What the step computes when it may be random."""
        return self.fixed(x)


class Wave(StepModule):
    """The source: the wave itself."""

    def fixed(self, x: Tensor) -> Tensor:
        """The wave, unchanged."""
        return x


class Stft(StepModule):
    """Power of the short-time Fourier transform: x_NS to x_NCFT, `window // 2 + 1` bins.

    Frames are centred, the first on the first sample; `whole` ones lie inside the wave.
    """

    window: Tensor

    def __init__(self, window: int, hop: int, whole: bool = False) -> None:
        super().__init__()
        self.length, self.hop, self.whole = window, hop, whole
        self.register_buffer("window", torch.hann_window(window), persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        """Waves (N, S) -> powers (N, 1, bins, frames)."""
        real, imaginary = self.spectrum(x)
        return (real.square() + imaginary.square()).unsqueeze(1)

    def spectrum(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The real and the imaginary parts of the transform, (N, bins, frames) each.

        Phases count from the start of each frame.
        """
        found = torch.stft(
            self.centred(x), self.length, self.hop, window=self.window, center=False, return_complex=True
        )
        return found.real, found.imag

    def centred(self, x: Tensor) -> Tensor:
        """The wave between silences, so that the middle of the first frame is its first sample.

        Where frames are whole it is the wave as it is.
        """
        if self.whole:
            return x
        # Torch itself would leave out a sample, and with it perhaps a frame, of windows of odd length.
        half = self.length // 2
        return nn.functional.pad(x, (half, self.length - half))


class Colour(StepModule):
    """Red, green and blue of a spectrogram, by fixed ramps over the range from `low` to `high`.

    With v from 0 to 1 over it: `1.5 - |4v - 3|`, `1.5 - |4v - 2|`, `1.5 - |4v - 1|`, each within 0 and 1.
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def fixed(self, x: Tensor) -> Tensor:
        """(N, 1, F, T) -> (N, 3, F, T)."""
        v = 4 * (x - self.low) / (self.high - self.low)
        return torch.cat([(1.5 - (v.clamp(0, 4) - peak).abs()).clamp(0, 1) for peak in (3, 2, 1)], dim=1)


class Mel(StepModule):
    """Triangular mel filters over frequency, HTK scale; a filter without a bin takes the nearest."""

    filters: Tensor

    def __init__(self, bins: int, bands: int, rate: float) -> None:
        super().__init__()
        self.register_buffer("filters", mel_filters(bins, bands, rate), persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        """(N, C, bins, T) -> (N, C, bands, T)."""
        return self.filters @ x


def mel_filters(bins: int, bands: int, rate: float) -> Tensor:
    """The filters as (bands, bins), in place of torchaudio's, which leaves filters empty where bins are few.

    Triangles whose corners are equally spaced on the mel scale `2595 log10(1 + f / 700)` (O'Shaughnessy).
    """
    top = 2595 * math.log10(1 + rate / 2 / 700)
    corners = 700 * (10 ** (torch.linspace(0, top, bands + 2, dtype=torch.float64) / 2595) - 1)
    hertz = torch.linspace(0, rate / 2, bins, dtype=torch.float64)
    low, centre, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rise, fall = (hertz - low) / (centre - low), (high - hertz) / (high - centre)
    filters = torch.minimum(rise, fall).clamp(min=0)
    empty = filters.sum(dim=1) == 0
    nearest = (hertz - centre).abs().argmin(dim=1)
    filters[empty, nearest[empty]] = 1
    return filters.float()


class Cepstrum(StepModule):
    """The first coefficients of the cosine transform over frequency: x_NCFT, F to `coefficients`."""

    cosines: Tensor

    def __init__(self, bands: int, coefficients: int) -> None:
        super().__init__()
        self.register_buffer("cosines", cosines(coefficients, bands), persistent=False)

    def fixed(self, x: Tensor) -> Tensor:
        """(N, C, bands, T) -> (N, C, coefficients, T)."""
        return self.cosines @ x


def cosines(count: int, bands: int) -> Tensor:
    """The first rows of the orthonormal discrete cosine transform of type II, (count, bands)."""
    places = (torch.arange(bands, dtype=torch.float64) + 0.5) * math.pi / bands
    rows = torch.cos(torch.arange(count, dtype=torch.float64)[:, None] * places) * math.sqrt(2 / bands)
    rows[0] /= math.sqrt(2)
    return rows.float()


class Log(StepModule):
    """Natural logarithm of the power, with a floor."""

    def fixed(self, x: Tensor) -> Tensor:
        """log(x + FLOOR), of the same shape."""
        return torch.log(x + FLOOR)
