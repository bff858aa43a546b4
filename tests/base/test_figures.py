"""Figures: the interval of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.figures import DEVIATIONS_95, Pairs, between, independent, wilson


def test_intervals_that_are_published() -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3."""
    for right, count, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(right / count, count) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_is_symmetric(case: tuple[int, int]) -> None:
    right, count = case
    low, high = wilson(right / count, count)
    assert 0 <= low <= right / count + 1e-12 and right / count - 1e-12 <= high <= 1
    mirrored = wilson(1 - right / count, count)
    assert mirrored == (pytest.approx(1 - high, abs=1e-9), pytest.approx(1 - low, abs=1e-9))
    for bound in (low, high):  # where the share would lie so many of its own deviations away
        deviation = (bound * (1 - bound) / count) ** 0.5
        assert abs(right / count - bound) == pytest.approx(DEVIATIONS_95 * deviation, abs=1e-6)


def test_without_cases_everything_is_possible() -> None:
    assert wilson(0.5, 0) == (0.0, 1.0)
    assert between(22 / 24, 24) == "74.2 to 97.7 %"


def test_intervals_of_paired_differences_that_are_published() -> None:
    """Newcombe (1998), Improved confidence intervals for ... paired data, table III, method 10."""
    for cells, low, high in (
        ((36, 12, 2, 0), 0.0569, 0.3404),
        ((36, 14, 0, 0), 0.1528, 0.4167),
        ((54, 0, 0, 0), -0.0664, 0.0664),
    ):
        both, first, second, neither = cells
        found = Pairs(both, second, first, neither).interval
        assert found == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_pairs_are_symmetric_and_their_interval_holds_the_difference(
    cells: tuple[int, int, int, int],
) -> None:
    both, first, second, neither = cells
    one, other = Pairs(both, first, second, neither), Pairs(both, second, first, neither)
    low, high = one.interval
    assert -1 - 1e-9 <= low <= one.difference + 1e-9 and one.difference - 1e-9 <= high <= 1 + 1e-9
    assert other.difference == -one.difference and 0 < one.chance == other.chance <= 1
    assert other.interval == (pytest.approx(-high, abs=1e-9), pytest.approx(-low, abs=1e-9))


def test_the_exact_test_of_mcnemar() -> None:
    assert Pairs(50, 0, 0, 3).chance == 1 and Pairs(0, 5, 5, 0).chance == 1
    assert Pairs(50, 6, 0, 3).chance == pytest.approx(2 / 2**6)
    assert Pairs(50, 1, 9, 3).chance == pytest.approx(2 * (1 + 10) / 2**10)


def test_parts_of_a_recording_are_not_independent() -> None:
    assert independent({"clips": 80}) == 80 and independent({}) == 0
    assert independent({"clips": 80, "macro_f1_channels": [0.1] * 4}) == 20
    assert independent({"clips": 80, "recordings": {"count": 11}}) == 11
