"""Resampling of waves to another rate, band-limited: what is above half of the lower rate is filtered out."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:  # plans read the names below, without PyTorch
    from torch import Tensor

# `soxr`: the filter of the SoX resampler, steep and exact for any two rates. `hann`: a windowed sinc of six
# zero crossings, which runs that do not name their resampling were made with.
Resampling = Literal["soxr", "hann"]
RESAMPLINGS: tuple[Resampling, ...] = get_args(Resampling)
PRESENT: Resampling = "soxr"
UNSAID: Resampling = "hann"
QUALITY = "HQ"  # of soxr: flat up to 0.91 of half the lower rate, 120 dB down from there on


def resample(waves: Tensor, own: int, rate: int, resampling: Resampling = PRESENT) -> Tensor:
    """Waves (..., samples) of rate `own` at `rate`, in hertz: (..., about samples * rate / own), float32.

    Sample 0 stays where it is in time.
    """
    if own == rate:
        return waves
    return _by_hann(waves, own, rate) if resampling == "hann" else _by_soxr(waves, own, rate)


def _by_soxr(waves: Tensor, own: int, rate: int) -> Tensor:
    import numpy as np
    import soxr
    import torch

    rows = waves.reshape(-1, waves.shape[-1]).float().numpy()
    resampled = [soxr.resample(row, own, rate, quality=QUALITY) for row in rows]
    return torch.from_numpy(np.stack(resampled)).reshape(*waves.shape[:-1], -1)


def _by_hann(waves: Tensor, own: int, rate: int) -> Tensor:
    """Rates without a common divisor would need a filter for every output sample: their ratio is rounded."""
    from torchaudio.functional import resample as band_limited

    ratio = Fraction(rate, own).limit_denominator(1000)
    resampled: Tensor = band_limited(waves, ratio.denominator, max(1, ratio.numerator))
    return resampled
