"""The games by which a bound is approached: which sparsity is next, and which game counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dslnas.runs.pruning.games import NEAR, Trial, following, nearest


def trial(sparse: float, cost: float) -> Trial:
    return Trial(sparse, cost, (), 0.0)


@given(st.floats(1e-4, 1e4), st.floats(0.05, 0.95))
def test_the_bound_ends_between_two_trials_or_is_met_closely(threshold: float, share: float) -> None:
    """On a network that falls at once at a sparsity, the trials close in on it."""
    limit, trials = 100.0, list[Trial]()
    while len(trials) < 30 and (sparse := following(trials, limit, 0.6)) is not None:
        trials.append(trial(sparse, 200.0 if sparse < threshold else limit * share))
    best = nearest(trials, limit)
    assert best.cost < limit and best.sparse >= threshold
    if share < NEAR:
        below = max(one.sparse for one in trials if one.cost >= limit)
        assert len(trials) == 30 and best.sparse / below < 1.01
    else:
        assert trials[-1].cost == best.cost


def test_where_no_game_meets_a_bound_the_sparsest_counts() -> None:
    trials = [trial(0.6, 300.0), trial(2.4, 200.0)]
    assert nearest(trials, 100.0) == trials[1]
    assert following(trials, 100.0, 0.6) == 4 * 2.4
