"""Mel filters and what they hear."""

from __future__ import annotations

import math

import pytest
import torch
from making import tone

from dslnas.data import FrontEndModule
from dslnas.data.frontend.spectrum import mel_filters
from dslnas.ir.frontend import FrontEnd


def test_a_tone_is_loudest_in_its_band(logmel: FrontEnd) -> None:
    """Of a sine, the band whose centre on the mel scale is nearest has the highest power."""
    for hertz in (200, 1000, 3000, 7000):
        wave = torch.from_numpy(tone(hertz, 1.0, 16000)).float()[None]
        middle = FrontEndModule(logmel).features(wave)[0, 0, :, 16]
        place = math.log10(1 + hertz / 700) / math.log10(1 + 8000 / 700) * 33 - 1
        assert abs(int(middle.argmax()) - place) <= 1


@pytest.mark.parametrize(("bins", "bands"), [(513, 32), (65, 60), (9, 9), (1025, 128)])
def test_no_mel_filter_is_empty(bins: int, bands: int) -> None:
    filters = mel_filters(bins, bands, 16000)
    assert filters.shape == (bands, bins)
    assert (filters >= 0).all()
    assert (filters.sum(dim=1) > 0).all()
