"""Genotypes that do not fit their space are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from small import program_of, random_genotype, small

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.genotype import Edge, Genotype, Position
from dslnas.ir.graph import Program
from dslnas.prune.validate import validate


def space() -> Program:
    return program_of(small("ss1", "darts", "repeat=1", nodes=3))


def with_node(genotype: Genotype, change: Callable[[Any], Any]) -> Genotype:
    """The genotype with the last node of its first cell changed."""
    first = genotype.cells[0]
    nodes = (*first.nodes[:-1], change(first.nodes[-1]))
    return replace(genotype, cells=(replace(first, nodes=nodes), *genotype.cells[1:]))


def with_cell(genotype: Genotype, **values: Any) -> Genotype:
    return replace(genotype, cells=(replace(genotype.cells[0], **values), *genotype.cells[1:]))


def edges(*pairs: tuple[str, str]) -> Callable[[Any], Any]:
    return lambda node: replace(node, edges=tuple(Edge(*pair) for pair in pairs))


SKIP = "skip_connect"
MISFITS: dict[str, tuple[Callable[[Genotype], Genotype], str]] = {
    "a missing cell": (lambda g: replace(g, cells=g.cells[:1]), "cell `reduction` is missing"),
    "an unknown cell": (
        lambda g: replace(g, cells=(*g.cells, replace(g.cells[0], name="redaction"))),
        "the space has no cell `redaction`",
    ),
    "a missing node": (lambda g: with_cell(g, nodes=g.cells[0].nodes[:-1]), "has the nodes n1, n2"),
    "a node twice": (lambda g: with_cell(g, nodes=(*g.cells[0].nodes, g.cells[0].nodes[0])), "has the nodes"),
    "no edge": (
        lambda g: with_cell(g, nodes=tuple(replace(node, edges=()) for node in g.cells[0].nodes)),
        "no node of cell `normal` has an edge",
    ),
    "a reader of a node without edges": (
        lambda g: with_cell(g, nodes=(replace(g.cells[0].nodes[0], edges=()), *g.cells[0].nodes[1:])),
        "reads node `n1`, which no edge leads into",
    ),
    "too many edges": (lambda g: with_node(g, edges(("a", SKIP), ("b", SKIP), ("n1", SKIP))), "has 3 edges"),
    "an operation twice on an edge": (
        lambda g: with_node(g, edges(("a", SKIP), ("a", SKIP))),
        "two edges from one source with the same operation",
    ),
    "an edge from itself": (lambda g: with_node(g, edges(("n3", SKIP), ("a", SKIP))), "an edge from `n3`"),
    "an edge from nowhere": (lambda g: with_node(g, edges(("c", SKIP), ("a", SKIP))), "an edge from `c`"),
    "an unknown operation": (
        lambda g: with_node(g, edges(("a", "skip_conect"), ("b", SKIP))),
        "an operation `skip_conect`",
    ),
    "another output": (lambda g: with_cell(g, output=("n1",)), "cell `normal` hands out n1, n2, n3"),
    "an unknown choice": (lambda g: replace(g, choices=(("network.k", "3"),)), "has no choice `network.k`"),
}


def at(place: str, cell: str, *removed: str) -> Callable[[Genotype], Genotype]:
    return lambda genotype: replace(genotype, positions=(Position(place, cell, removed),))


def without_edge(source: str, node: str) -> Callable[[Genotype], Genotype]:
    position = Position("network/normal_1", "normal", (), ((source, node),))
    return lambda genotype: replace(genotype, positions=(position,))


def with_channels(channels: int, place: str = "normal_1") -> Callable[[Genotype], Genotype]:
    kind = place.partition("_")[0]
    position = Position(f"network/{place}", kind, (), (), channels)
    return lambda genotype: replace(genotype, positions=(position,))


MISFITS |= {
    "an unknown place": (at("network/normal_9", "normal", "n1"), "calls no cell at `network/normal_9`"),
    "another kind": (at("network/normal_1", "reduction", "n1"), "is a cell `normal`, not `reduction`"),
    "an unknown node": (at("network/normal_1", "normal", "n9"), "has no node `n9` to remove"),
    "nothing removed": (at("network/normal_1", "normal"), "removes nothing"),
    "a node removed twice": (at("network/normal_1", "normal", "n1", "n1"), "or something twice"),
    "no channels": (with_channels(0), "has 4 channels and cannot keep 0"),
    "all channels": (with_channels(4), "has 4 channels and cannot keep 4"),
    "an edge of no node": (without_edge("a", "n9"), "has no edge `a -> n9` to remove"),
    "a removed edge from nowhere": (without_edge("c", "n1"), "has no edge `c -> n1` to remove"),
    "an edge that is not kept": (without_edge("n2", "n1"), "has no edge `n2 -> n1` to remove"),
    "a place twice": (
        lambda g: replace(g, positions=2 * at("network/normal_1", "normal", "n1")(g).positions),
        "two positions have one place",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_a_genotype_that_does_not_fit_is_refused(name: str) -> None:
    change, message = MISFITS[name]
    program = space()
    with pytest.raises(DslnasError) as caught:
        validate(change(random_genotype(program, 0)), program, "g.json")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0502"
    assert diagnostic.message.startswith("g.json: ")
    assert message in diagnostic.message


def test_several_operations_may_join_two_nodes() -> None:
    """The space says how many edges a node keeps, not from how many sources; `keep 2` still bounds them."""
    program = space()
    twice = with_node(random_genotype(program, 0), edges(("a", SKIP), ("a", "max_pool_3x3")))
    assert validate(twice, program) is twice
    more = with_node(twice, edges(("a", SKIP), ("a", "max_pool_3x3"), ("b", SKIP)))
    with pytest.raises(DslnasError, match="has 3 edges"):
        validate(more, program)


def test_nodes_may_be_removed_at_positions() -> None:
    program = space()
    pruned = at("network/normal_1", "normal", "n1", "n2", "n3")(random_genotype(program, 0))
    assert validate(pruned, program) is pruned


def test_edges_may_be_removed_at_positions() -> None:
    program = space()
    genotype = random_genotype(program, 0)
    source = genotype.cell("normal").nodes[0].edges[0].source
    pruned = without_edge(source, "n1")(genotype)
    assert validate(pruned, program) is pruned


def test_a_cell_may_keep_some_of_its_channels() -> None:
    program = space()
    pruned = with_channels(3)(random_genotype(program, 0))
    assert validate(pruned, program) is pruned


def test_a_node_may_keep_fewer_edges() -> None:
    program = space()
    fewer = with_node(random_genotype(program, 0), edges(("a", SKIP)))
    assert validate(fewer, program) is fewer


def test_a_genotype_of_another_space_is_refused() -> None:
    other = program_of(small("ss1", "darts", "repeat=1", nodes=2))
    with pytest.raises(DslnasError, match="has the nodes n1, n2, n3"):
        validate(random_genotype(space(), 0), other)


def test_a_near_miss_is_answered_with_the_name() -> None:
    program = space()
    with pytest.raises(DslnasError) as caught:
        validate(with_node(random_genotype(program, 0), edges(("a", "skip_conect"))), program)
    assert caught.value.diagnostics[0].help == "did you mean `skip_connect`?"
