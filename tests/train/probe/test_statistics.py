"""What a probe knows of a recording."""

from __future__ import annotations

import math

import torch

from dslnas.train.probe.statistics import BANDS, CEPSTRA, clip_statistics


def tone(hertz: float, rate: int = 16000, seconds: float = 0.5) -> torch.Tensor:
    time = torch.arange(round(seconds * rate)) / rate
    return (8000 * torch.sin(2 * math.pi * hertz * time)).to(torch.int16)


def test_a_higher_tone_is_loud_in_a_higher_band() -> None:
    found = clip_statistics(torch.stack([tone(400), tone(3000)]), 16000)
    assert found.shape == (2, 2 * (BANDS + CEPSTRA))
    loudest = found[:, :BANDS].argmax(1)
    assert loudest[0] < loudest[1]


def test_steady_noise_varies_less_over_time_than_one_that_stops() -> None:
    steady = (1000 * torch.randn(8000, generator=torch.Generator().manual_seed(0))).to(torch.int16)
    stops = steady.clone()
    stops[len(stops) // 2 :] = 0
    found = clip_statistics(torch.stack([steady, stops]), 16000)
    deviations = found[:, BANDS + CEPSTRA : 2 * BANDS + CEPSTRA]
    assert deviations[0].mean() < deviations[1].mean() / 2


def test_silence_short_waves_and_low_rates_are_finite() -> None:
    assert clip_statistics(torch.zeros(1, 8000, dtype=torch.int16), 16000).isfinite().all()
    assert clip_statistics(torch.ones(1, 3, dtype=torch.int16), 16000).isfinite().all()
    assert clip_statistics(tone(20, rate=200)[None], 200).isfinite().all()


def test_a_row_does_not_depend_on_the_others() -> None:
    waves = torch.stack([tone(300 + 7 * number) for number in range(4)])
    whole = clip_statistics(waves, 16000)
    assert torch.allclose(whole[2:3], clip_statistics(waves[2:3], 16000))
