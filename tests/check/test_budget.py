"""Bounds that no network of a space keeps to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.diagnostics import Diagnostic, DslnasError
from dslnas.check.budget import PROVED, above, parts_of, unmet
from dslnas.ir.analysis.extent import proven_extreme
from dslnas.ir.walk import Everything, cost
from dslnas.methods.budget import Price, parse_requirements
from dslnas.runs.experiment import Experiment, check_decided
from dslnas.runs.load import load, never_met
from dslnas.runs.plan import plan
from dslnas.runs.request import Request

SPACES = {"keywords": (), "nasc": ("frontend=logmel(40)",), "ss1": ("method=nasc", "nodes=2", "channels=4")}


def experiment(space: str, *more: str) -> Experiment:
    return load(space, Request(data="fsdd", preset="quick", overrides=(*SPACES[space], *more)))


def least(space: str, price: Price) -> int:
    one = experiment(space)
    smallest, proven = proven_extreme(one.evaluation, one.method.keeping, PROVED[price], 1)
    assert proven
    return PROVED[price](cost(one.evaluation, smallest))


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("price", PROVED)
def test_a_bound_is_refused_exactly_where_the_smallest_network_reaches_it(space: str, price: Price) -> None:
    """What costs as much as the bound does not stay below it; one more is enough."""
    smallest = least(space, price)
    refused = experiment(space, f"method.require={price} < {smallest}")
    (one,) = unmet(refused.method, refused.evaluation)
    assert f"{smallest:,}" in one.message and one.span is not None
    assert one.span.text == f"{price} < {smallest}"
    enough = experiment(space, f"method.require={price} < {smallest + 1}")
    assert unmet(enough.method, enough.evaluation) == []


def test_what_is_asked_for_instead_is_met() -> None:
    refused = experiment("keywords", "method.require=params < 100, macs < 1k, memory < 1KB")
    found = unmet(refused.method, refused.evaluation)
    assert [one.message.split("`")[3] for one in found] == [
        "params < 100",
        "macs < 1k",
    ]  # memory is not proved
    bounds = ", ".join(one.help.split("`")[1] for one in found)
    enough = experiment("keywords", f"method.require={bounds}")
    assert unmet(enough.method, enough.evaluation) == []


@given(st.integers(1, 10**12))
def test_a_bound_that_is_proposed_is_above_and_not_far(number: int) -> None:
    (one,) = parse_requirements(f"params < {above(number)}", "-")
    assert number < one.limit <= max(1.11 * number, number + 1)


@pytest.mark.parametrize("space", SPACES)
def test_the_parts_of_a_network_sum_up_to_it(space: str) -> None:
    one = experiment(space)
    smallest, _ = proven_extreme(one.evaluation, one.method.keeping, PROVED["params"], 1)
    for policy in (smallest, Everything()):
        parts = parts_of(one.evaluation, policy, PROVED["params"])
        assert sum(part.amount for part in parts) == cost(one.evaluation, policy).params
        assert len({part.name for part in parts}) == len(parts)


def test_the_largest_part_is_to_blame() -> None:
    """A third of the smallest network of NASC is its recurrent head, where nothing is chosen."""
    refused = experiment("nasc", "method.require=params < 1M")
    (one,) = unmet(refused.method, refused.evaluation)
    (note,) = one.notes
    assert note.startswith("most of the smallest: `gru_1` 740,352 (")
    assert [label.span.text for label in one.labels] == ["gru(256, layers: 2)"]


MINE = """
use "keywords.nas"

method mine = nasc with { require: BOUNDS }
experiment {
    space:  Keywords
    method: mine
    data:   fsdd
}
"""


def mine(folder: Path, bounds: str) -> Path:
    path = folder / "mine.nas"
    path.write_text(MINE.replace("BOUNDS", bounds), encoding="utf-8")
    return path


def test_check_plan_and_run_refuse_it_at_its_place(tmp_path: Path) -> None:
    path = mine(tmp_path, "memory < 10MB, params < 1k")
    (checked,) = never_met(path)
    told: list[Diagnostic] = [checked]
    one = load(path)
    for refuse in (plan, check_decided):
        with pytest.raises(DslnasError) as caught:
            refuse(one)  # type: ignore[operator]
        told += caught.value.diagnostics
    assert len({(one.message, one.location) for one in told}) == 1 and len(told) == 3
    assert checked.location.endswith("mine.nas:4:51")


@pytest.mark.parametrize("bounds", ["params < 1M", "latency < 1ms", "none"])
def test_a_bound_that_may_be_met_is_no_error(bounds: str, tmp_path: Path) -> None:
    assert never_met(mine(tmp_path, bounds)) == []
