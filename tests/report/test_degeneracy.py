"""Each rule at its edge: what it lets pass, what it sees, and when it cannot be asked."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.report.degeneracy import (
    MOST_SKIPS,
    NOISE,
    RISKY_POLYNOMIALS,
    RULES,
    SHALLOW_NODES,
    CellFacts,
    Evidence,
    Travel,
    Validation,
    many_complex_polynomials,
    pruned_to_chance,
    retrained_in_vain,
    shallow,
    skips,
    too_early,
    undecided,
    verdict,
    without_parameters,
)

SOUND = CellFacts("normal", False, nodes=4, edges=8, skips=1, parameter_free=2, polynomials=0, depth=3)
NOTHING = Evidence((), (), None, "real")
WELL = Validation(100, 0.1, supernet=0.9, discretised=0.3, recalibrated=0.8, retrained=0.95)


def of(*cells: CellFacts, domain: str = "real") -> Evidence:
    return replace(NOTHING, cells=cells, domain=domain)


def measured(**figures: float | None) -> Evidence:
    return replace(NOTHING, validation=replace(WELL, **figures))


def test_skips_are_counted_where_the_size_stays() -> None:
    assert skips(of(replace(SOUND, skips=MOST_SKIPS))) == []
    assert skips(of(replace(SOUND, skips=MOST_SKIPS + 1))) == ["3 of the 8 edges of cell normal are skips"]
    assert skips(of(replace(SOUND, skips=8, reduces=True))) == []


def test_a_single_operation_with_parameters_is_enough() -> None:
    assert without_parameters(of(replace(SOUND, parameter_free=7))) == []
    assert without_parameters(of(replace(SOUND, parameter_free=8))) == [
        "no operation of cell normal has parameters"
    ]
    assert without_parameters(of(replace(SOUND, parameter_free=8, reduces=True))) == []
    assert without_parameters(of(replace(SOUND, edges=0, parameter_free=0))) == []


def test_a_cell_is_shallow_where_no_node_reads_another() -> None:
    assert shallow(of(replace(SOUND, depth=2))) == []
    assert shallow(of(replace(SOUND, depth=1))) == ["all 4 nodes of cell normal read its inputs alone"]
    assert shallow(of(replace(SOUND, nodes=SHALLOW_NODES - 1, depth=1))) == []


def test_half_of_the_decisions_may_not_be_close() -> None:
    close, clear = NOISE - 1e-9, NOISE
    assert undecided(replace(NOTHING, margins=(close, clear, clear))) == []
    assert undecided(replace(NOTHING, margins=(clear, clear))) == []
    (reason,) = undecided(replace(NOTHING, margins=(close, clear))) or ()
    assert reason == "1 of 2 decisions were won by less than 0.01 of a weight"


@given(chance=st.floats(0.02, 0.5), clips=st.integers(30, 5000), excess=st.floats(-0.3, 0.3))
def test_chance_is_two_standard_errors_wide(chance: float, clips: int, excess: float) -> None:
    limit = 2 * (chance * (1 - chance) / clips) ** 0.5
    if abs(excess - limit) > 1e-9:
        assert Validation(clips, chance).beyond_chance(chance + excess) == (excess > limit)


def test_pruning_may_cost_accuracy_but_not_all_of_it() -> None:
    limit = 0.1 + 2 * (0.1 * 0.9 / 100) ** 0.5
    assert pruned_to_chance(measured(recalibrated=limit + 1e-6)) == []
    (reason,) = pruned_to_chance(measured(recalibrated=limit)) or ()
    assert "from 90.0% to 16.0%" in reason and "chance (10.0%)" in reason
    assert pruned_to_chance(measured(recalibrated=0.1, supernet=0.12)) == []  # nothing was there to lose
    assert pruned_to_chance(measured(discretised=0.0)) == []  # norms that do not fit say nothing


def test_a_retrained_network_is_held_against_chance_and_the_supernet() -> None:
    assert retrained_in_vain(measured(retrained=0.45)) == []
    (reason,) = retrained_in_vain(measured(retrained=0.449)) or ()
    assert "44.9%" in reason and "supernet 90.0%" in reason
    (reason,) = retrained_in_vain(measured(retrained=0.1, supernet=None)) or ()
    assert "which is chance" in reason
    assert retrained_in_vain(measured(retrained=0.3, supernet=None)) == []


def test_polynomials_are_risky_in_complex_networks() -> None:
    edges = 10
    at = round(RISKY_POLYNOMIALS * edges)
    cells = [replace(SOUND, edges=edges, polynomials=count) for count in (at, at + 1)]
    assert many_complex_polynomials(of(cells[0], domain="complex")) == []
    assert many_complex_polynomials(of(cells[1], domain="real")) is None
    (reason,) = many_complex_polynomials(of(cells[1], domain="complex")) or ()
    assert reason == "5 of the 10 edges of this complex network are polynomials"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_was_not_measured_is_not_asked(rule: object) -> None:
    assert rule in RULES
    assert rule.reasons(NOTHING) is None  # type: ignore[attr-defined]


def test_the_verdict_says_which_rules_were_asked() -> None:
    assert str(verdict(NOTHING)) == "nothing was measured that could tell a degenerate architecture"
    sound = verdict(Evidence((SOUND,), (0.2,), WELL, "real"))
    assert str(sound) == f"nothing looks degenerate by these rules: {', '.join(sound.asked)}"
    assert set(sound.asked) == {rule.name for rule in RULES} - {"complex polynomials"}
    assert sound.doubts == ()


@given(
    skips=st.integers(0, 8),
    parameter_free=st.integers(0, 8),
    depth=st.integers(1, 4),
    margins=st.lists(st.floats(0, 1), max_size=8),
    figures=st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=4, max_size=4),
)
def test_every_doubt_is_of_a_rule_that_was_asked(
    skips: int, parameter_free: int, depth: int, margins: list[float], figures: list[float | None]
) -> None:
    cell = replace(SOUND, skips=skips, parameter_free=parameter_free, depth=depth)
    found = verdict(Evidence((cell,), tuple(margins), Validation(100, 0.1, *figures), "complex"))
    assert {doubt.rule for doubt in found.doubts} <= set(found.asked)
    assert all(doubt.source and doubt.reason in str(found) for doubt in found.doubts)


def test_a_network_that_was_never_searched_is_not_reproached_for_a_search() -> None:
    cell = replace(SOUND, skips=8, parameter_free=8, depth=1)
    given = Evidence((cell,), (), Validation(100, 0.5, retrained=0.9), "real", searched=False)
    assert str(verdict(given)) == "nothing was searched, the architecture was given"
    assert verdict(given).meaning == "" and verdict(given).doubts == ()
    lost = verdict(replace(given, validation=Validation(100, 0.5, retrained=0.5)))
    assert "which is chance (50.0%)" in str(lost) and "degenerate" not in str(lost)
    assert lost.meaning == "train it for longer, or on more clips"
    few = verdict(replace(given, validation=Validation(4, 0.5, retrained=1.0)))
    assert str(few).endswith("4 validation clips are too few to tell an accuracy from chance")


def test_a_handful_of_clips_tells_no_accuracy_from_chance() -> None:
    """Four of four right, where half is chance: a constant answer gets as many in one of sixteen tries."""
    perfect = Validation(4, 0.5, supernet=1.0, recalibrated=0.5, retrained=1.0)
    assert not perfect.tells and Validation(6, 0.5).tells
    few = replace(NOTHING, validation=perfect)
    assert pruned_to_chance(few) is None and retrained_in_vain(few) is None and too_early(few) == ()
    found = verdict(replace(few, cells=(SOUND,)))
    assert found.doubts == () and found.usable is None
    assert str(found).endswith("; 4 validation clips are too few to tell an accuracy from chance")
    assert verdict(replace(few, validation=Validation(1, 0.5))).few.startswith("1 validation clip is too few")


@given(chance=st.floats(0.01, 1.0), clips=st.integers(0, 5000), accuracy=st.floats(0, 1))
def test_where_clips_do_not_tell_no_accuracy_would_have_passed(
    chance: float, clips: int, accuracy: float
) -> None:
    """A check is left out only where it could never have been passed."""
    found = Validation(clips, chance)
    assert found.tells or not found.beyond_chance(accuracy)


@given(moves=st.lists(st.floats(-1, 1), min_size=1, max_size=4))
def test_four_moves_never_show_a_direction(moves: list[float]) -> None:
    assert not Travel(len(moves), abs(sum(moves)), math.hypot(*moves) + 1e-12).directed


@given(moves=st.lists(st.floats(0.01, 0.012), min_size=8, max_size=60), seed=st.integers(0, 99))
def test_what_goes_one_way_has_a_direction_and_what_turns_back_has_none(
    moves: list[float], seed: int
) -> None:
    noise = math.hypot(*moves)
    assert Travel(len(moves), sum(moves), noise).directed
    back = sum(move * (-1) ** place for place, move in enumerate(moves))
    assert not Travel(len(moves), abs(back), noise).directed


def test_decisions_that_wander_seldom_seem_directed() -> None:
    rng = random.Random(0)
    walks = [[rng.gauss(0, 1) for _ in range(40)] for _ in range(400)]
    directed = sum(Travel(40, abs(sum(walk)), math.hypot(*walk)).directed for walk in walks)
    assert directed < 0.08 * len(walks)  # two standard errors: 4.6 %


WANDERED, WENT = Travel(12, 0.1, 0.1), Travel(12, 0.3, 0.1)


@pytest.mark.parametrize(
    ("travels", "early"),
    [((), ()), ((WENT, WENT, WANDERED), ()), ((WENT, WANDERED), ("1 of 2 decisions moved no further",))],
)
def test_a_search_whose_decisions_wander_is_too_early_to_be_judged(
    travels: tuple[Travel, ...], early: tuple[str, ...]
) -> None:
    evidence = Evidence((SOUND,), (0.2,), WELL, "real", travels)
    found = verdict(evidence)
    assert len(found.early) == len(early) and all(map(str.startswith, found.early, early))
    assert str(found).startswith("too early to tell" if early else "nothing looks degenerate")
    assert ("random one" in found.meaning) == bool(early)


def test_a_supernet_at_chance_has_learned_nothing_to_weigh_by() -> None:
    (reason,) = verdict(measured(supernet=0.11, recalibrated=0.1)).early
    assert reason == "the supernet recognises 11.0% of the validation clips, which is chance (10.0%)"
    assert verdict(measured(supernet=0.5)).early == verdict(measured(supernet=None)).early == ()


def test_a_search_that_ends_early_hides_no_doubt() -> None:
    evidence = Evidence((replace(SOUND, skips=3),), (0.2,), WELL, "real", (WANDERED,))
    assert str(verdict(evidence)).startswith("looks degenerate: 3 of the 8 edges")
    assert verdict(evidence).doubts == verdict(replace(evidence, travels=())).doubts


@pytest.mark.parametrize(
    ("evidence", "usable", "said"),
    [
        (
            measured(retrained=0.985, recalibrated=0.1),
            0.985,
            "it recognises 98.5% of the validation clips; the",
        ),
        (
            measured(retrained=0.985, recalibrated=0.1),
            0.985,
            "a random one of this space may well do as good",
        ),
        (measured(retrained=0.1, recalibrated=0.1), None, "the search did not decide its architecture"),
        (measured(retrained=0.49, recalibrated=0.1, supernet=0.6), None, "the search did not decide"),
        (replace(measured(), cells=(replace(SOUND, skips=3),)), 0.95, "compare it with random ones"),
    ],
)
def test_what_a_doubt_means_for_the_network_is_said(evidence: Evidence, usable: object, said: str) -> None:
    found = verdict(evidence)
    assert found.doubts and found.usable == usable and said in found.meaning
    assert ("usable" in found.meaning) == (usable is not None)


def test_without_doubts_there_is_nothing_to_add() -> None:
    assert verdict(replace(measured(), cells=(SOUND,))).meaning == ""
