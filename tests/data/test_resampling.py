"""Resampling: tones pass or vanish, stay where they are in time, and rates are taken as they are."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.data.resampling import RESAMPLINGS, UNSAID, Resampling, resample, resampled

RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 15999, 16001, 7919)
SECONDS = 0.5
PAIRS = st.tuples(st.sampled_from(RATES), st.sampled_from(RATES))
SOME = settings(max_examples=40, deadline=None)


def tone(hertz: float, rate: int) -> torch.Tensor:
    """Half a second of a sine of amplitude 1."""
    times = torch.arange(ceil(SECONDS * rate), dtype=torch.float64) / rate
    return torch.sin(2 * torch.pi * hertz * times).float()


def level(wave: torch.Tensor) -> float:
    """The level of a tone in its middle, in decibels of a sine of amplitude 1."""
    edge = len(wave) // 8
    middle = wave[edge:-edge].double().numpy()
    window = np.hanning(len(middle))
    power = 2 * (window * middle**2).sum() / window.sum()
    return float(10 * np.log10(power + 1e-20))


@SOME
@given(PAIRS, st.floats(0.02, 0.9))
def test_tones_up_to_nine_tenths_of_half_the_lower_rate_pass(rates: tuple[int, int], part: float) -> None:
    own, rate = rates
    hertz = part * min(rates) / 2
    found = resample(tone(hertz, own), own, rate)
    assert level(found) == pytest.approx(0, abs=0.5)
    edge = rate // 20
    shared = min(len(found), len(tone(hertz, rate))) - edge
    torch.testing.assert_close(found[edge:shared], tone(hertz, rate)[edge:shared], rtol=0, atol=0.02)


@SOME
@given(st.sampled_from([(o, r) for o in RATES for r in RATES if r < 0.85 * o]), st.floats(0, 1))
def test_tones_above_half_of_the_new_rate_vanish(rates: tuple[int, int], place: float) -> None:
    own, rate = rates
    lowest, highest = 1.1 * rate / 2, 0.98 * own / 2
    assert level(resample(tone(lowest + place * (highest - lowest), own), own, rate)) <= -60


@SOME
@given(PAIRS, st.integers(1, 3000), st.integers(1, 3))
def test_rows_are_resampled_each_by_itself_to_the_length_of_their_time(
    rates: tuple[int, int], length: int, count: int
) -> None:
    own, rate = rates
    waves = torch.randn(count, length, generator=torch.Generator().manual_seed(length))
    found = resample(waves, own, rate)
    assert found.shape[0] == count and abs(found.shape[1] - length * rate / own) <= 1
    assert torch.equal(found[-1], resample(waves[-1], own, rate))
    assert torch.equal(found, resample(waves, own, rate))


def test_a_rate_that_is_a_little_off_is_not_taken_for_the_other() -> None:
    """After ten seconds, 15,999 Hz and 16,000 Hz are ten samples apart."""
    times = torch.arange(160_000, dtype=torch.float64) / 15_999
    click = torch.exp(-0.5 * ((times - 9.0) / 1e-3) ** 2).float()
    found = resample(click, 15_999, 16_000)
    assert int(found.argmax()) == 9 * 16_000
    assert int(click.argmax()) == 9 * 15_999 == 9 * 16_000 - 9
    assert torch.equal(resample(click, 15_999, 16_000, UNSAID), click), "as runs without a choice had it"


@SOME
@given(PAIRS, st.sampled_from(RESAMPLINGS), st.lists(st.integers(0, 3000), min_size=1, max_size=6))
def test_a_wave_that_comes_in_blocks_is_resampled_as_the_whole(
    rates: tuple[int, int], resampling: Resampling, lengths: list[int]
) -> None:
    own, rate = rates
    lengths[-1] += 1
    wave = torch.randn(sum(lengths), generator=torch.Generator().manual_seed(len(lengths)))
    blocks = torch.cat(list(resampled(torch.split(wave, lengths), own, rate, resampling)))
    torch.testing.assert_close(blocks, resample(wave, own, rate, resampling), rtol=0, atol=1e-5)
