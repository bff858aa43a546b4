"""The steps that augment: in their range, in their share, each example differently."""

from __future__ import annotations

import pytest
import torch
from making import generator

from dslnas.data.frontend.augment import AddNoise, Fade, Gain, Mask, Squares, Stretch


def test_gain_stays_in_its_range() -> None:
    waves = torch.ones(500, 10)
    decibels = 20 * torch.log10(Gain(-6, 6)(waves, generator())[:, 0])
    assert -6 <= decibels.min() < -5.5
    assert 5.5 < decibels.max() <= 6


def test_fades_rise_and_fall_within_their_length() -> None:
    faded = Fade(100)(torch.ones(200, 1000), generator())
    assert (faded[:, 101:-101] == 1).all()
    assert (faded[:, :100].diff(dim=1) >= 0).all()
    assert (faded[:, -100:].diff(dim=1) <= 0).all()
    lengths = (faded[:, :500] < 1).sum(dim=1)
    assert lengths.min() < 10
    assert lengths.max() > 90


def test_noise_stands_below_the_signal_by_the_ratio() -> None:
    """Powers add: the mean power grows by the inverse of the signal-to-noise ratio."""
    signal = torch.rand(50, 1, 8, 16, generator=generator()) + 0.5
    for decibels in (0.0, 10.0):
        stage = AddNoise(1.0, decibels, decibels)
        stage.hold(torch.log(torch.rand(1, 8, 100, generator=generator(1)) + 0.1), True)
        noisy = stage(torch.log(signal), generator()).exp()
        growth = noisy.mean(dim=(1, 2, 3)) / signal.mean(dim=(1, 2, 3))
        torch.testing.assert_close(growth, torch.full((50,), 1 + 10 ** (-decibels / 10)))
        assert (noisy > signal).all()


def test_noise_joins_its_share_of_the_examples() -> None:
    stage = AddNoise(0.25, 0, 0)
    stage.hold(torch.zeros(1, 4, 40), True)
    x = torch.zeros(2000, 1, 4, 8)
    touched = (stage(x, generator()) != x).any(dim=-1).any(dim=-1).float().mean()
    assert abs(touched - 0.25) < 0.04


def test_stretch_keeps_the_middle_and_the_order() -> None:
    ramp = torch.arange(33.0).expand(200, 1, 5, 33)
    made = Stretch(0.5, 2.0)(ramp, generator())
    torch.testing.assert_close(made[..., 16], ramp[..., 16])
    assert (made.diff(dim=-1) >= 0).all()
    speed = made[:, 0, 0, 17] - made[:, 0, 0, 16]
    assert 0.5 <= speed.min() < 0.55
    assert 1.9 < speed.max() <= 2.0001
    assert torch.equal(Stretch(1.0, 1.0)(ramp, generator()), ramp)


@pytest.mark.parametrize("axis", [-1, -2])
def test_masks_cover_one_stretch_with_the_mean(axis: int) -> None:
    x = torch.rand(500, 1, 16, 16, generator=generator())
    made = Mask(4, axis)(x, generator())
    changed = (made != x).all(dim=-2 if axis == -1 else -1)[:, 0]
    widths = changed.sum(dim=1)
    assert set(widths.tolist()) == {0, 1, 2, 3, 4}
    edges = changed.int().diff(dim=1).abs().sum(dim=1)
    assert (edges <= 2).all()
    means = x.mean(dim=(-2, -1), keepdim=True).expand_as(x)
    torch.testing.assert_close(made[made != x], means[made != x])
    assert changed[:, 0].any()
    assert changed[:, -1].any()


def test_a_cutout_covers_a_square_with_the_mean() -> None:
    x = torch.randn(60, 1, 20, 30, generator=generator())
    made = Squares(8)(x, generator())
    gone = made != x
    for example, image, before in zip(made, gone, x, strict=True):
        rows, columns = image[0].any(1), image[0].any(0)
        assert torch.equal(image[0], rows[:, None] & columns)
        assert 4 <= int(rows.sum()) <= 8 and 4 <= int(columns.sum()) <= 8
        torch.testing.assert_close(example[image], before.mean().expand(int(image.sum())))
    assert gone.flatten(1).sum(1).unique().numel() > 3  # cut at the border or not
