"""Differences: complete, without what is the same, and the same in both directions."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from small import program_of, random_genotype, small

from dslnas.ir.genotype import Cell
from dslnas.runs.compare.facts import Change, changes, facts_of, facts_of_genotype
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

Drawn = dict[tuple[str, str], int]
names = st.sampled_from("abcd")
facts = st.dictionaries(st.tuples(st.sampled_from(("space", "method")), names), st.integers(0, 2))


@given(facts, facts)
def test_changes_lead_from_one_to_the_other(one: Drawn, other: Drawn) -> None:
    found = changes(one, other)
    assert all(change.before != change.after for change in found)
    made = {place: value for place, value in one.items() if place not in {(c.part, c.name) for c in found}}
    assert made | {(c.part, c.name): c.after for c in found if c.after is not None} == other
    back = {(c.part, c.name, c.after, c.before) for c in changes(other, one)}
    assert back == {(c.part, c.name, c.before, c.after) for c in found}


@given(facts, facts)
def test_each_part_stands_together(one: Drawn, other: Drawn) -> None:
    parts = [change.part for change in changes(one, other)]
    assert parts == sorted(parts, key=list(dict.fromkeys(parts)).index)


def between(before: Experiment, after: Experiment, *parts: str) -> list[Change]:
    return [change for change in changes(facts_of(before), facts_of(after)) if change.part in parts]


def test_an_experiment_is_no_other_than_itself() -> None:
    assert changes(facts_of(small("sspolasym5")), facts_of(small("sspolasym5"))) == []


def test_what_a_derived_space_replaces() -> None:
    before, after = small("ss1"), small("sspolasym5")
    operations = between(before, after, "operations")
    assert [(change.name, change.before) for change in operations] == [("asym5(n1, n2)", None)]
    assert between(before, after, "candidates") == [
        Change("candidates", "candidates.sep_conv_5x5", "sep_conv(5)", "asym5(7, 1)"),
        Change("candidates", "candidates.dil_conv_5x5", "dil_conv(5)", "asym5(5, 3)"),
    ]
    sizes = {change.name for change in between(before, after, "size")}
    assert "parameters, supernet" in sizes and "genotypes" not in sizes
    assert between(before, after, "cells", "edges", "choices", "fixed") == []


def test_more_nodes_are_more_edges() -> None:
    before, after = (small("ss1", "darts", "repeat=1", nodes=nodes) for nodes in (2, 3))
    assert between(before, after, "edges") == [
        Change("edges", "normal.n3", None, "from a, b, n1, n2, keep 2"),
        Change("edges", "reduction.n3", None, "from a, b, n1, n2, keep 2"),
    ]
    (points,) = (change for change in between(before, after, "size") if change.name == "choice points")
    assert (points.before, points.after) == (len(before.supernet.choices), len(after.supernet.choices))


def test_methods_and_settings() -> None:
    found = between(small("ss1", "darts"), small("ss1", "fairdarts", "search.batch=7"), "method", "settings")
    assert Change("method", "mix.edges", "softmax", "sigmoid") in found
    assert ("search.batch", 7) in {(change.name, change.after) for change in found}
    assert not any(change.name == "arch" for change in found)


LAYERS = """\
op layer(k = choose {3, 5}) = x -> conv(k, C_in)
space Layers {
    network = input -> conv(3, 4) -> layer -> layer -> global_pool -> linear(classes)
}
space Fixed = Layers with {
    network.layer_1.k: 3
}
space Longer = Layers with {
    network = input -> conv(3, 4) -> layer -> layer -> layer -> global_pool -> linear(classes)
}
"""


def test_choices_of_layers(tmp_path: Path) -> None:
    path = tmp_path / "layers.nas"
    path.write_text(LAYERS)
    open, fixed, longer = (
        load(path, Request(data="fsdd", overrides=[f"space={name}"]))
        for name in ("Layers", "Fixed", "Longer")
    )
    assert between(open, fixed, "choices", "fixed") == [
        Change("choices", "network/layer_1", "k = 3; k = 5", None),
        Change("fixed", "network.layer_1.k", None, "3"),
    ]
    assert between(open, longer, "choices") == [Change("choices", "network/layer_3", None, "k = 3; k = 5")]


def test_genotypes_differ_by_their_edges() -> None:
    program = program_of(small("ss1", "darts", "repeat=1"))
    one, other = random_genotype(program, 1), random_genotype(program, 2)
    found = changes(facts_of_genotype(one), facts_of_genotype(other))
    for cell in one.cells:
        kept, others = (_edges(genotype.cell(cell.name)) for genotype in (one, other))
        mine = [change for change in found if change.part == f"cell {cell.name}"]
        assert {(c.name, c.before) for c in mine if c.before is not None} == kept - others
        assert {(c.name, c.after) for c in mine if c.after is not None} == others - kept


def _edges(cell: Cell) -> set[tuple[str, str]]:
    return {(f"{edge.source} -> {node.name}", edge.operation) for node in cell.nodes for edge in node.edges}
