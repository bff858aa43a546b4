"""Kendall's tau and its interval."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.runs.found.kendall import LEAST, correlation

PAIRS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=12)


@given(PAIRS)
def test_it_counts_pairs_that_agree_and_that_do_not(pairs: list[tuple[int, int]]) -> None:
    first, second = ([float(value) for value in side] for side in zip(*pairs, strict=True))
    signs = [(a > b) - (a < b) for a, b in combinations(first, 2)]
    others = [(a > b) - (a < b) for a, b in combinations(second, 2)]
    untied = sum(map(abs, signs)) * sum(map(abs, others))
    found = correlation(first, second)
    if not untied:
        assert found.tau is None and found.interval is None
        return
    agree = sum(a * b for a, b in zip(signs, others, strict=True))
    assert found.tau == pytest.approx(agree / untied**0.5)
    assert (found.interval is None) == (len(pairs) < LEAST)
    if found.interval is not None:
        low, high = found.interval
        assert -1 - 1e-9 <= low <= found.tau <= high <= 1 + 1e-9 and low < high


def test_a_sample_that_agrees_whole_is_no_proof_and_a_larger_one_says_more() -> None:
    small, large = (correlation(list(range(n)), list(range(n))) for n in (6, 40))
    assert small.tau == pytest.approx(1.0) and large.tau == pytest.approx(1.0)
    assert small.interval is not None and large.interval is not None
    assert small.interval[0] < large.interval[0] < 1.0


def test_the_interval_holds_the_true_correlation_as_often_as_it_says() -> None:
    """Pairs of normal numbers of correlation 0.6, whose tau is 2 / pi * asin(0.6)."""
    chance, true = random.Random(0), 0.40966552939826695
    held = 0
    for _ in range(400):
        first = [chance.gauss(0, 1) for _ in range(20)]
        second = [0.6 * one + 0.8 * chance.gauss(0, 1) for one in first]
        interval = correlation(first, second).interval
        assert interval is not None
        held += interval[0] <= true <= interval[1]
    assert 0.92 <= held / 400 <= 0.98
