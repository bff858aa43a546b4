"""Loss formulas: arithmetic, counts of one cell, and terms that begin at exactly the step they say."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small import program_of, small

from dslnas.parse.parse import parse_value
from dslnas.search.relaxed.formula import Terms, loss_value, moment
from dslnas.search.relaxed.losses import entropy, multihot


def value(text: str, progress: float = 0.0, nodes: float = 4, edges: float = 14) -> float:
    weights = [torch.tensor([0.2, 0.3, 0.5])]
    terms = Terms(torch.tensor(2.0), weights, weights, nodes, edges, progress)
    return float(loss_value(parse_value(text, "loss")[0], terms))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cross_entropy", 2.0),
        ("cross_entropy + 1", 3.0),
        ("-cross_entropy", -2.0),
        ("3 - cross_entropy", 1.0),
        ("2 * cross_entropy / 4", 1.0),
        ("cross_entropy * nodes / edges", 8 / 14),
        ("cross_entropy + 2 * 3", 8.0),
        ("10 - 2 - cross_entropy", 6.0),
    ],
)
def test_arithmetic(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected)


def test_the_loss_of_forcedarts_in_its_two_halves() -> None:
    method = small("ss1", "forcedarts").method
    alpha = [torch.tensor([0.2, 0.8])] * 14
    gamma = [torch.tensor([0.9, 0.4, 0.3])] * 4

    def at(progress: float) -> float:
        return float(loss_value(method.loss, Terms(torch.tensor(2.0), alpha, gamma, 4, 14, progress)))

    assert at(0.0) == at(0.499) == 2.0
    whole = 2.0 + 20 * float(entropy(alpha)) + 20 * 4 / 14 * float(multihot(gamma, 2))
    assert at(0.5) == pytest.approx(whole)
    assert at(1.0) == pytest.approx(whole)


@settings(max_examples=300)
@given(st.integers(1, 1000), st.integers(0, 100))
def test_a_term_begins_at_exactly_its_step(steps: int, percent: int) -> None:
    """Step i of n is the first for which i / n is at least the share: no rounding moves it by one."""
    formula = parse_value(f"cross_entropy after {percent}%", "loss")[0]
    first = -(-Fraction(percent * steps, 100) // 1)  # the ceiling
    weights = [torch.tensor([0.5, 0.5])]
    for step in (first - 1, first):
        if 0 <= step < steps:
            terms = Terms(torch.tensor(2.0), weights, weights, 1, 1, int(step) / steps)
            on = float(loss_value_or_zero(formula, terms)) != 0.0
            assert on == (step >= first)


@settings(max_examples=300)
@given(st.integers(1, 1000), st.integers(0, 99), st.data())
def test_a_ramp_begins_and_ends_at_exactly_its_steps(steps: int, begin: int, data: st.DataObject) -> None:
    """Step i of n has the part (i / n - a) / (b - a), exactly 0 where that is at most 0 and 1 from b on."""
    end = data.draw(st.integers(begin + 1, 100))
    formula = parse_value(f"cross_entropy from {begin}% to {end}%", "loss")[0]
    edges = {Fraction(percent * steps, 100) // 1 + offset for percent in (begin, end) for offset in (0, 1)}
    for step in edges | {data.draw(st.integers(0, steps))}:
        part = (Fraction(100 * step, steps) - begin) / (end - begin)
        terms = Terms(torch.tensor(1.0, dtype=torch.float64), [], [], 1, 1, int(step) / steps)
        found = float(loss_value_or_zero(formula, terms))
        assert found == pytest.approx(float(min(1, max(0, part))), abs=1e-6)
        assert (found == 0, found == 1) == (part <= 0, part >= 1)


def test_a_ramp_is_of_its_own_term_alone() -> None:
    text = "3 * cross_entropy + 4 * cross_entropy from 20% to 60% + 1"
    assert [value(text, progress) for progress in (0.2, 0.4, 0.6)] == pytest.approx([7.0, 11.0, 15.0])


@settings(max_examples=200)
@given(st.floats(0, 1), st.floats(0, 1))
def test_losses_of_one_moment_are_one_function(one: float, other: float) -> None:
    """The loss of the same tensors is the same at one moment; while a ramp rises there is none."""
    text = "cross_entropy + (2 * cross_entropy after 30%) - (-(cross_entropy from 50% to 80%))"
    formula = parse_value(text, "loss")[0]
    moments = [moment(formula, progress) for progress in (one, other)]
    assert [found is None for found in moments] == [0.5 < p < 0.8 for p in (one, other)]
    if None not in moments:
        assert (moments[0] == moments[1]) == (value(text, one) == value(text, other))


def loss_value_or_zero(formula, terms: Terms) -> torch.Tensor:  # type: ignore[no-untyped-def]
    """The value of a formula whose only term may be left out."""
    try:
        return loss_value(formula, terms)
    except AssertionError:
        return torch.zeros(())


@pytest.mark.parametrize(("nodes", "edges"), [(2, 5), (3, 9), (4, 14)])
def test_nodes_and_edges_are_those_of_one_cell(nodes: int, edges: int) -> None:
    """Not those of all kinds of cells together."""
    for repeat in (0, 1):
        program = program_of(small("ss1", "darts", f"repeat={repeat}", nodes=nodes))
        terms = Terms.of(program, torch.ones(()), {}, {}, 0.0)
        assert (terms.nodes, terms.edges) == (nodes, edges)


def test_mixed_weights_stand_in_the_order_of_their_vectors() -> None:
    program = program_of(small("ss1", "darts", nodes=2))
    alpha = {id: torch.tensor([float(number)]) for number, id in enumerate(program.choices)}
    terms = Terms.of(program, torch.ones(()), alpha, {}, 0.25)
    assert [int(w) for w in terms.alpha] == list(range(5))
    assert terms.progress == 0.25
