"""Figures: the interval of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.figures import DEVIATIONS_95, between, wilson


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
