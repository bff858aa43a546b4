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
from dslnas.ir.places import edges_of, places
from dslnas.ir.positions import network_of, positions_without
from dslnas.ir.walk import Chosen, cost
from dslnas.methods.adversarial import PARTS
from dslnas.prune.parts import (
    bound_on_cost,
    count_removed,
    first_of,
    instances,
    left_of,
    ranked,
    removed_for,
    share_of_nodes,
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
    removed = removed_for(program, genotype, order, share_of_nodes(share))
    positions = positions_without(program, genotype, removed)
    kept = len(found) - count_removed(positions)
    wanted = round(len(found) * Fraction(share))
    assert wanted <= kept <= wanted + 2  # some nodes fall with others
    pruned = validate(replace(genotype, positions=positions), program)
    assert left_of(program, pruned).after == kept


@pytest.mark.parametrize("of", PARTS)
def test_a_bound_takes_as_few_parts_as_can_be(of: str) -> None:
    program, genotype = drawn()
    order = instances(program, genotype, of)
    whole = cost(*network_of(program, genotype))
    goal = bound_on_cost("params < 80%", whole.params, whole.macs)
    removed = removed_for(program, genotype, order, goal)
    positions = positions_without(program, genotype, removed)
    pruned = validate(replace(genotype, positions=positions), program)
    assert cost(*network_of(program, pruned)).params < goal.limit
    path = [first_of(order, count) for count in range(len(order))]
    fewer = path[path.index(removed) - 1]
    before = positions_without(program, genotype, fewer)
    assert cost(*network_of(program, replace(genotype, positions=before))).params >= goal.limit


def test_edges_fall_with_their_nodes() -> None:
    """A node that has lost its edges is gone, as are the edges from it; none of them is named."""
    program, genotype = drawn()
    place = "network/normal_1"
    edges = edges_of(program, Chosen.of(genotype), places(program, Chosen.of(genotype))[0])
    into_first = [edge for edge in edges if edge[1] == "n1"]
    (position,) = positions_without(program, genotype, {place: [into_first[0]]})
    assert (position.removed, position.edges) == ((), (into_first[0],))
    (position,) = positions_without(program, genotype, {place: into_first})
    assert "n1" in position.removed and not position.edges
    left = left_of(program, replace(genotype, positions=(position,)), "edges").kept
    assert left[place] == tuple(" -> ".join(edge) for edge in edges if not {*edge} & {*position.removed})


def test_a_cell_keeps_channels() -> None:
    """However many go, some stay, and what is left is told in channels."""
    program, genotype = drawn()
    order = instances(program, genotype, "channels")
    positions = positions_without(program, genotype, first_of(order, len(order)))
    pruned = validate(replace(genotype, positions=positions), program)
    left = left_of(program, pruned, "channels")
    assert len(pruned.positions) == len(left.kept) == 6
    assert 6 <= left.after < left.before == 4 + 8 + 8 + 16 + 16 + 16
    assert left.kept["network/normal_1"] == ("1 of 4 channels",)


@pytest.mark.parametrize(("of", "message"), [("nodes", "without any node"), ("channels", "fewest channels")])
def test_a_bound_out_of_reach_is_told(of: str, message: str) -> None:
    program, genotype = drawn()
    goal = bound_on_cost("params < 10", 10**6, 10**6)
    with pytest.raises(DslnasError, match=message) as caught:
        removed_for(program, genotype, instances(program, genotype, of), goal)
    assert caught.value.diagnostics[0].code == "N0603"
