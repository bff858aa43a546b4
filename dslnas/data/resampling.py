"""Resampling of waves to another rate, band-limited: what is above half of the lower rate is filtered out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def resampled(
    blocks: Iterable[Tensor], own: int, rate: int, resampling: Resampling = PRESENT
) -> Iterator[Tensor]:
    """What `resample` makes of a wave that comes in blocks (samples,), in blocks of other lengths.

    A block is handed out as soon as it depends on nothing that comes later.
    """
    if own == rate:
        return iter(blocks)
    return _blocks_by_hann(blocks, own, rate) if resampling == "hann" else _blocks_by_soxr(blocks, own, rate)


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


def _blocks_by_soxr(blocks: Iterable[Tensor], own: int, rate: int) -> Iterator[Tensor]:
    import numpy as np
    import soxr
    import torch

    stream = soxr.ResampleStream(own, rate, 1, dtype="float32", quality=QUALITY)
    for block in blocks:
        yield torch.from_numpy(stream.resample_chunk(block.float().numpy()))
    yield torch.from_numpy(stream.resample_chunk(np.empty(0, np.float32), last=True))


def _blocks_by_hann(blocks: Iterable[Tensor], own: int, rate: int) -> Iterator[Tensor]:
    """Each stretch is resampled with what the filter reads on both sides of it."""
    import torch

    ratio = Fraction(rate, own).limit_denominator(1000)
    before, after = ratio.denominator, max(1, ratio.numerator)  # so many samples become so many
    width = 7 * before // min(before, after) + 2  # six zero crossings, a little below half of the lower rate
    around = before * -(-width // before)
    wave = torch.zeros(around)  # from `around` samples before the next stretch on

    def stretch(length: int) -> Tensor:
        part = _by_hann(wave[: length + 2 * around], own, rate)
        return part[around // before * after :]

    for block in blocks:
        wave = torch.cat([wave, block.float()])
        if (ready := (len(wave) - 2 * around) // before * before) > 0:
            yield stretch(ready)[: ready // before * after]
            wave = wave[ready:]
    rest = len(wave) - around
    wave = torch.cat([wave, torch.zeros(around)])
    yield stretch(rest)[: -(-rest * after // before)]
