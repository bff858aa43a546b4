"""How resampling treats tones, and how long it takes: `python benchmarks/resample.py [--runs N] [--quick]
[--json]`.

For each pair of rates: the level in decibels of tones at some parts of half the lower rate, behind the
resampling, and milliseconds for a second of a recording, the median of some runs on one thread. Tones up to 1
should keep their level; those above it cannot be heard at the new rate, and what is left of them is an alias.

    soxr     what prepared recordings go through
    kaiser   torchaudio's windowed sinc with 64 zero crossings and a Kaiser window
    hann     torchaudio's own, with six: runs that do not name their resampling were made with it
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parent))
from clock import seconds_of

from dslnas.data.resampling import RESAMPLINGS, resample

PAIRS = ((48_000, 16_000), (44_100, 22_050), (44_100, 16_000), (15_999, 16_000))
PARTS = (0.5, 0.875, 0.9, 1.04, 1.1, 1.3)  # of half the lower rate
KAISER = {
    "lowpass_filter_width": 64,
    "rolloff": 0.9475937167399596,
    "resampling_method": "sinc_interp_kaiser",
    "beta": 14.769656459379492,
}
ROWS = 16  # seconds that are resampled together
Form = Callable[[Tensor, int, int], Tensor]
Figures = Mapping[str, float | None]  # by the part of half the lower rate, and `milliseconds`


def kaiser(waves: Tensor, own: int, rate: int) -> Tensor:
    """What the KAISER filter makes of waves (N, samples)."""
    from torchaudio.functional import resample as band_limited

    resampled: Tensor = band_limited(waves, own, rate, **KAISER)
    return resampled


def forms(own: int, rate: int) -> dict[str, Form]:
    """The ways to resample; without a common divisor a filter for each output sample has no place."""
    known: dict[str, Form] = {"soxr": lambda waves, own, rate: resample(waves, own, rate, "soxr")}
    if abs(own - rate) > 1:
        known["kaiser"] = kaiser
    known["hann"] = lambda waves, own, rate: resample(waves, own, rate, "hann")
    assert set(RESAMPLINGS) <= set(known)
    return known


def level(wave: Tensor) -> float:
    """The level in decibels of the middle of a wave, a sine of amplitude 1 being 0."""
    edge = len(wave) // 8
    middle = wave[edge:-edge].double()
    window = torch.hann_window(len(middle), periodic=False, dtype=torch.float64)
    power = 2 * (window * middle.square()).sum() / window.sum()
    return float(10 * (power + 1e-20).log10())


def measured(form: Form, own: int, rate: int, runs: int) -> Figures:
    """The levels of tones and the time for a second."""
    times = torch.arange(own, dtype=torch.float64) / own
    found: dict[str, float | None] = {}
    for part in PARTS:
        hertz = part * min(own, rate) / 2
        tone = torch.sin(2 * torch.pi * hertz * times).float()
        heard = hertz < 0.98 * own / 2
        found[str(part)] = level(form(tone.unsqueeze(0), own, rate)[0]) if heard else None
    waves = torch.randn(ROWS, own, generator=torch.Generator().manual_seed(0))
    taken = [seconds_of(lambda: form(waves, own, rate), torch.device("cpu")) for _ in range(runs + 1)]
    return {**found, "milliseconds": 1000 * median(taken[1:]) / ROWS}


def main(arguments: Sequence[str] | None = None) -> None:
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="whether it works: one pair of rates, one run")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    pairs, runs = (PAIRS[:1], 1) if given.quick else (PAIRS, max(1, given.runs))
    everything = {
        f"{own} -> {rate}": {name: measured(form, own, rate, runs) for name, form in forms(own, rate).items()}
        for own, rate in pairs
    }
    if given.json:
        print(json.dumps(everything, indent=2))
        return
    print(f"{'':24} {''.join(f'{part:>9}' for part in PARTS)} {'ms':>7}")
    for rates, found in everything.items():
        for name, figures in found.items():
            *levels, milliseconds = figures.values()
            cells = "".join(f"{'':>9}" if one is None else f"{one:9.2f}" for one in levels)
            print(f"{rates:16} {name:7} {cells} {milliseconds:7.2f}")


if __name__ == "__main__":
    main()
