"""Which parts are removed for a goal: as few as can be, in the order that is given."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from small import random_genotype, small

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.positions import network_of, positions_without
from dslnas.ir.walk import Chosen, cost
from dslnas.prune.parts import (
    bound_on_cost,
    count_removed,
    instances,
    kept_parts,
    ranked,
    removed_for,
    share_of_nodes,
    without_first,
)
from dslnas.prune.validate import validate


@cache
def drawn() -> tuple[Program, Genotype]:
    program = small("ss1", "darts", "repeat=1", nodes=3).evaluation
    return program, random_genotype(program, 4)


@pytest.mark.parametrize(("text", "share"), [("1/2", "1/2"), ("50%", "1/2"), ("0.25", "1/4"), (" 0 ", "0")])
def test_a_share_of_the_nodes(text: str, share: str) -> None:
    assert share_of_nodes(text).nodes == Fraction(share)


@pytest.mark.parametrize("text", ["", "half", "1", "3/2", "-1/2", "1/0", "%"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(DslnasError, match="no share of the nodes") as caught:
        share_of_nodes(text)
    assert caught.value.diagnostics[0].code == "N0301"


def test_bounds_are_of_a_part_or_of_so_many() -> None:
    assert bound_on_cost("params < 60%", 1000, 7).limit == pytest.approx(600)
    assert bound_on_cost("macs<50 %", 1000, 70).limit == pytest.approx(35)
    assert bound_on_cost("params < 2k", 1000, 7).limit == 2000


@pytest.mark.parametrize("text", ["latency < 5ms", "params < 1k, macs < 2k", "params > 3", "nodes < 50%"])
def test_what_is_no_bound(text: str) -> None:
    with pytest.raises(DslnasError) as caught:
        bound_on_cost(text, 1000, 1000)
    assert caught.value.diagnostics[0].code == "N0301"


@pytest.mark.parametrize("share", ["0", "1/3", "1/2", "17/18"])
@pytest.mark.parametrize("seed", [0, 1])
def test_so_many_nodes_are_kept(share: str, seed: int) -> None:
    program, genotype = drawn()
    found = instances(program, genotype)
    scores = {one: float((place * (7 + 4 * seed)) % 19) for place, one in enumerate(found)}
    order = ranked(scores)
    positions = removed_for(program, genotype, order, share_of_nodes(share))
    kept = len(found) - count_removed(positions)
    wanted = round(len(found) * Fraction(share))
    assert wanted <= kept <= wanted + 2  # some nodes fall with others
    pruned = validate(replace(genotype, positions=positions), program)
    assert sum(map(len, kept_parts(program, pruned).values())) == kept


@pytest.mark.parametrize("of", ["nodes", "edges"])
def test_a_bound_takes_as_few_parts_as_can_be(of: str) -> None:
    program, genotype = drawn()
    order = instances(program, genotype, of)
    whole = cost(*network_of(program, genotype))
    goal = bound_on_cost("params < 80%", whole.params, whole.macs)
    positions = removed_for(program, genotype, order, goal)
    pruned = validate(replace(genotype, positions=positions), program)
    assert cost(*network_of(program, pruned)).params < goal.limit
    path = [without_first(program, genotype, order, count) for count in range(len(order))]
    before = path[path.index(positions) - 1]
    assert cost(*network_of(program, replace(genotype, positions=before))).params >= goal.limit


def test_edges_fall_with_their_nodes() -> None:
    """A node that has lost its edges is gone, as are the edges from it; none of them is named."""
    program, genotype = drawn()
    place = "network/normal_1"
    edges = [part for at, part in instances(program, genotype, "edges") if at == place]
    into_first = [edge for edge in edges if edge[1] == "n1"]
    (position,) = positions_without(program, Chosen.of(genotype), {place: [into_first[0]]})
    assert (position.removed, position.edges) == ((), (into_first[0],))
    (position,) = positions_without(program, Chosen.of(genotype), {place: into_first})
    assert "n1" in position.removed and not position.edges
    left = kept_parts(program, replace(genotype, positions=(position,)), "edges")
    assert left[place] == [edge for edge in edges if not {*edge} & {*position.removed}]


def test_a_bound_out_of_reach_is_told() -> None:
    program, genotype = drawn()
    with pytest.raises(DslnasError, match="without any node the network has") as caught:
        removed_for(
            program, genotype, instances(program, genotype), bound_on_cost("params < 10", 10**6, 10**6)
        )
    assert caught.value.diagnostics[0].code == "N0603"
