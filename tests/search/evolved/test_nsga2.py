"""Sorting, crowding and selection against pymoo, on random points; requirements after Deb."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymoo.operators.survival.rank_and_crowding.metrics import calc_crowding_distance
from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

from dslnas.methods.budget import Requirement
from dslnas.search.evolved.goals import Goals, Points
from dslnas.search.evolved.nsga2 import Standing, crowding, ranks, select, standings, tournament


@st.composite
def points(draw: st.DrawFn) -> Points:
    """Up to 30 points of 1 to 4 objectives, on a coarse grid or not, so that some are equal."""
    count, width = draw(st.integers(1, 30)), draw(st.integers(1, 4))
    chance = np.random.default_rng(draw(st.integers(0, 2**32)))
    found = chance.random((count, width))
    return np.round(found, 1) if draw(st.booleans()) else found


@settings(max_examples=80, deadline=None)
@given(points())
def test_ranks_are_those_of_pymoo(given: Points) -> None:
    fronts = NonDominatedSorting().do(given)
    found = ranks(given, [0.0] * len(given))
    assert [sorted(np.flatnonzero(found == rank)) for rank in range(len(fronts))] == [
        sorted(front) for front in fronts
    ]


@settings(max_examples=80, deadline=None)
@given(points())
def test_crowding_is_that_of_pymoo(given: Points) -> None:
    """It divides by the number of objectives."""
    given = given[ranks(given, [0.0] * len(given)) == 0]
    expected = np.full(len(given), np.inf)
    if len(given) > 2:
        expected = calc_crowding_distance(given) * given.shape[1]
    np.testing.assert_allclose(crowding(given), expected)


def test_crowding_by_hand() -> None:
    line = np.array([[0.0, 4.0], [1.0, 2.0], [3.0, 1.0], [4.0, 0.0]])
    assert crowding(line).tolist() == [np.inf, 3 / 4 + 3 / 4, 3 / 4 + 2 / 4, np.inf]


@settings(max_examples=50, deadline=None)
@given(points(), st.integers(0, 2**32))
def test_who_keeps_to_the_requirements_comes_first_then_who_breaks_them_least(
    given: Points, seed: int
) -> None:
    chance = Random(seed)
    excess = [chance.choice([0.0, 0.0, 0.5, 1.0, chance.random()]) for _ in given]
    found = ranks(given, excess)
    feasible = [place for place, one in enumerate(excess) if one == 0.0]
    broken = sorted((place for place, one in enumerate(excess) if one), key=excess.__getitem__)
    if feasible:
        alone = ranks(given[feasible], [0.0] * len(feasible))
        assert found[feasible].tolist() == alone.tolist()
        assert all(found[place] > found[feasible].max() for place in broken)
    for one, other in pairwise(broken):
        assert found[other] - found[one] == (0 if excess[one] == excess[other] else 1)


def test_a_bound_is_not_reached_by_what_keeps_to_it() -> None:
    goals = Goals(("accuracy",), ("params",), (Requirement("params", 100.0, "params < 100"),))
    assert [goals.feasible({"params": value}) for value in (99, 100, 150)] == [True, False, False]
    assert goals.excess({"params": 99}) == 0.0 < goals.excess({"params": 100})
    assert goals.excess({"params": 150}) == 0.5
    both = Goals((), (), (*goals.require, Requirement("macs", 10.0, "macs < 10")))
    assert both.excess({"params": 150, "macs": 20}) == 1.5


@settings(max_examples=40, deadline=None)
@given(points(), st.integers(1, 30))
def test_the_best_are_selected_whole_ranks_first(given: Points, count: int) -> None:
    standing = standings(given, [0.0] * len(given))
    chosen = select(standing, count)
    assert len(chosen) == min(count, len(given)) == len(set(chosen))
    left = set(range(len(given))) - set(chosen)
    if left:
        worst = max((standing[place] for place in chosen), key=lambda one: one.order)
        assert all(standing[place].order >= worst.order for place in left)


def test_a_tournament_is_won_by_rank_then_by_crowding() -> None:
    standing = [Standing(1, 9.0), Standing(0, 1.0), Standing(0, 2.0)]
    won = [tournament(standing, Random(seed)) for seed in range(300)]
    assert set(won) == {1, 2}  # the last one of the ranking wins against nobody
    assert won.count(2) == pytest.approx(200, abs=40)
    equal = [tournament([Standing(0, 1.0)] * 2, Random(seed)) for seed in range(300)]
    assert equal.count(0) == pytest.approx(150, abs=40)
    assert tournament([Standing(0, 1.0)], Random(0)) == 0
