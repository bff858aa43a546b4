"""Even draws of uneven classes, and clips made of shuffled pieces of others."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from dslnas.train.balance import FADE, LEAST_SHARE, PIECES, class_weights, evenly, mixtures, partners


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


LABELS = st.lists(st.sampled_from([0, 1, 2, 4]), min_size=1, max_size=80).map(torch.tensor)


@given(LABELS, st.integers(0, 99))
def test_every_class_comes_as_often_and_its_clips_take_turns(labels: torch.Tensor, seed: int) -> None:
    drawn = evenly(labels, generator(seed))
    assert len(drawn.places) == len(labels)
    counts = torch.bincount(labels[drawn.places], minlength=5)[torch.unique(labels)]
    assert int(counts.max() - counts.min()) <= 1
    times = torch.bincount(drawn.places, minlength=len(labels))
    for label in torch.unique(labels):
        own = times[labels == label]
        assert int(own.max() - own.min()) <= 1
    seen = drawn.places[~drawn.again]
    assert len(seen.unique()) == len(seen) and set(drawn.places.tolist()) == set(seen.tolist())


@given(LABELS)
def test_weights_of_clips_have_the_mean_1_and_classes_the_same_sum(labels: torch.Tensor) -> None:
    weights = class_weights(labels, 6)
    torch.testing.assert_close(weights[labels].mean(), torch.tensor(1.0))
    sums = weights * torch.bincount(labels, minlength=6)
    present = sums[sums > 0]
    torch.testing.assert_close(present, present.mean().expand_as(present))


@given(LABELS, st.integers(0, 99))
def test_partners_are_of_the_class_that_is_wanted(labels: torch.Tensor, seed: int) -> None:
    found = partners(labels, labels.flip(0), generator(seed))
    assert torch.equal(labels[found], labels.flip(0))


def test_partners_are_any_clip_of_their_class() -> None:
    labels = torch.tensor([0, 1, 0, 1, 1, 0])
    found = partners(labels, torch.ones(300, dtype=torch.long), generator())
    assert set(found.tolist()) == {1, 3, 4}


def test_a_mixture_holds_the_pieces_of_both_clips_in_another_order() -> None:
    """Clips whose pieces are steps of different heights: the heights of a mixture are sums of two of them."""
    length = 400
    heights = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])
    one, other = heights.repeat_interleave(length), 100 * heights.repeat_interleave(length)
    rest = torch.full((3,), 7.0)  # what no piece holds
    waves, others = torch.cat((one, rest)).expand(9, -1), torch.cat((other, rest)).expand(9, -1)
    made = mixtures(waves, others, generator())
    torch.testing.assert_close(made[:, -3:], torch.full((9, 3), 7.0))
    middles = made[:, length // 2 :: length][:, :PIECES]
    shares = (1500.0 - middles.sum(1)) / (1500.0 - 15.0)
    assert float(shares.min()) >= LEAST_SHARE - 1e-5 and float(shares.max()) <= 1 - LEAST_SHARE + 1e-5
    orders = set()
    for middle, share in zip(middles, shares, strict=True):
        louder = torch.round(middle / (100 * (1 - share)))
        assert sorted(louder.tolist()) == heights.tolist()
        quieter = (middle - 100 * (1 - share) * louder) / share
        torch.testing.assert_close(quieter.sort().values, heights, atol=0.05, rtol=0)
        orders.add((tuple(louder.tolist()), tuple(quieter.round().tolist())))
    assert len(orders) > 5


def test_pieces_set_in_and_end_softly() -> None:
    length = 400
    waves = torch.ones(2, PIECES * length)
    made = mixtures(waves, waves, generator())
    inside = made.view(2, PIECES, length)[:, :, int(FADE * length) : -int(FADE * length)]
    torch.testing.assert_close(inside, torch.ones_like(inside))
    assert float(made.view(2, PIECES, length)[:, :, [0, -1]].max()) < 0.05


def test_stored_waves_stay_what_they_are() -> None:
    waves = torch.randint(-(2**15), 2**15, (3, 1003), dtype=torch.int16, generator=generator())
    made = mixtures(waves, waves.flip(0), generator(1))
    assert made.dtype == torch.int16 and made.shape == waves.shape
    short = torch.randn(2, 3, generator=generator())  # shorter than its pieces are many
    assert mixtures(short, short, generator()).shape == (2, 3)
