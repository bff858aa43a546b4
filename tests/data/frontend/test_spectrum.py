"""Mel filters and what they hear."""

from __future__ import annotations

import math

import pytest
import torch
from making import tone

from dslnas.data import FrontEndModule
from dslnas.data.frontend.spectrum import Colour, mel_filters
from dslnas.export.parts import Colour as ExportedColour
from dslnas.ir.frontend import FrontEnd
from dslnas.runs.load import load
from dslnas.runs.request import Request


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


def test_colours_are_ramps_from_blue_over_green_to_red() -> None:
    x = torch.linspace(-9, 11, 101)[None, None, None]
    made = Colour(-7, 9)(x)
    assert torch.equal(made, ExportedColour(-7, 9)(x)) and made.shape == (1, 3, 1, 101)
    assert made.min() >= 0 and made.max() <= 1
    for value, colour in (
        (-20, (0, 0, 0.5)),
        (-7, (0, 0, 0.5)),
        (1, (0.5, 1, 0.5)),
        (9, (0.5, 0, 0)),
        (20, (0.5, 0, 0)),
    ):
        torch.testing.assert_close(
            Colour(-7, 9)(torch.full((1, 1, 1, 1), value)).flatten(), torch.tensor(colour)
        )


def test_a_voiceprint_is_a_square_of_three_colours() -> None:
    """Silence is dark blue everywhere, and a loud tone is not."""
    frontend = load("ss1", Request(data="digits", overrides=["frontend=voiceprint"])).frontend
    waves = torch.zeros(2, frontend.samples)
    waves[1] = torch.from_numpy(tone(1000, 2.99, 16000)[: frontend.samples]).float()
    seen = FrontEndModule(frontend).features(waves)
    assert seen.shape == (2, 3, 360, 360)
    assert seen[0].mean(dim=(1, 2))[2] > 0.4 > seen[0, :2].max()
    assert seen[1, 0].max() > 0.4
