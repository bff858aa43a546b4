"""The genotype's JSON: what is written is read back, and what is no genotype is told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.ir.genotype import Cell, Edge, Genotype, Node, Position, from_json, read, to_json

names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=8)
nodes = st.builds(Node, names, st.lists(st.builds(Edge, names, names), max_size=3).map(tuple))
tuples = st.lists(names, max_size=3).map(tuple)
cells = st.builds(
    Cell, names, tuples, st.lists(nodes, max_size=3, unique_by=lambda node: node.name).map(tuple), tuples
)
genotypes = st.builds(
    Genotype,
    names,
    names,
    names,
    st.lists(cells, max_size=2, unique_by=lambda cell: cell.name).map(tuple),
    st.dictionaries(names, names, max_size=3).map(lambda options: tuple(options.items())),
    st.lists(
        st.builds(
            Position,
            names,
            names,
            tuples,
            st.lists(st.tuples(names, names), max_size=2).map(tuple),
            st.none() | st.integers(1, 99),
        ),
        max_size=2,
        unique_by=lambda position: position.place,
    ).map(tuple),
)


@given(genotypes)
def test_what_is_written_is_read_back(genotype: Genotype) -> None:
    assert from_json(json.loads(json.dumps(to_json(genotype)))) == genotype


def sound() -> dict[str, Any]:
    cell = Cell("normal", ("a", "b"), (Node("n1", (Edge("a", "skip_connect"),)),), ("n1",))
    return to_json(Genotype("S", "sha256:0", "darts", (cell,)))


def _without(*path: str) -> dict[str, Any]:
    data = sound()
    part = data
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "this is no dslnas genotype"),
        ({}, "this is no dslnas genotype"),
        ({"format": "nas-genotype"}, "this is no dslnas genotype"),
        ({**sound(), "version": 4}, "version 4 of the genotype format is not known"),
        (_without("space"), "'space'"),
        (_without("space", "hash"), "'hash'"),
        (_without("method"), "'method'"),
        (_without("cells"), "'cells'"),
        (_without("cells", "normal", "nodes"), "'nodes'"),
        ({**sound(), "cells": []}, "a part is missing or has another form"),
        ({**sound(), "cells": {"normal": {**sound()["cells"]["normal"], "nodes": [1]}}}, "another form"),
        ({**sound(), "version": 2, "positions": {"network/normal_1": 1}}, "another form"),
        ({**sound(), "version": 2, "positions": {"network/normal_1": {"cell": "normal"}}}, "'removed'"),
        (
            {
                **sound(),
                "version": 3,
                "positions": {"network/normal_1": {"cell": "normal", "removed": [], "edges": [{"to": "n1"}]}},
            },
            "'from'",
        ),
        (
            {
                **sound(),
                "version": 3,
                "positions": {"network/normal_1": {"cell": "normal", "removed": [], "channels": 0}},
            },
            "a number of channels is expected",
        ),
        ({**sound(), "choices": [1]}, "a part is missing or has another form"),
        ({**sound(), "choices": 3}, "a part is missing or has another form"),
    ],
)
def test_what_is_no_genotype_is_refused(data: Any, message: str) -> None:
    with pytest.raises(DslnasError) as caught:
        from_json(data, "g.json")
    assert caught.value.diagnostics[0].code == "N0501"
    assert caught.value.diagnostics[0].message.startswith("g.json: ")
    assert message in caught.value.diagnostics[0].message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"nothing"])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "genotype.json"
    path.write_bytes(content)
    with pytest.raises(DslnasError, match="this is no JSON") as caught:
        read(path)
    assert caught.value.diagnostics[0].code == "N0501"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="cannot be read: No such file"):
        read(tmp_path / "none.json")


def test_only_what_older_readers_do_not_know_is_of_a_later_version() -> None:
    whole = from_json(sound())
    assert to_json(whole)["version"] == 1
    assert "positions" not in to_json(whole)
    pruned = replace(whole, positions=(Position("network/normal_1", "normal", ("n1",)),))
    assert to_json(pruned)["version"] == 2
    assert from_json({**to_json(whole), "version": 2}) == whole
    edges = replace(whole, positions=(Position("network/normal_1", "normal", (), (("a", "n1"),)),))
    assert to_json(edges)["version"] == 3
    narrow = replace(whole, positions=(Position("network/normal_1", "normal", channels=3),))
    assert to_json(narrow)["version"] == 3
    assert from_json({**to_json(pruned), "version": 3}) == pruned


def test_what_is_left_of_a_cell_has_no_edge_from_what_is_gone() -> None:
    nodes = (
        Node("n1", (Edge("a", "skip"), Edge("b", "skip"))),
        Node("n2", (Edge("n1", "conv"),)),
        Node("n3", (Edge("n2", "conv"), Edge("b", "pool"))),
    )
    cell = Cell("normal", ("a", "b"), nodes, ("n1", "n2", "n3"))
    whole = Genotype("S", "sha256:0", "darts", (cell,))
    left = whole.remaining(Position("network/normal_1", "normal", ("n1",)))
    assert left.nodes == (Node("n3", (Edge("b", "pool"),)),)
    assert left.output == ("n3",)
    nothing = whole.remaining(Position("network/normal_1", "normal", ("n1", "n3")))
    assert (nothing.nodes, nothing.output) == ((), ("b",))
    fewer = whole.remaining(Position("network/normal_1", "normal", (), (("b", "n1"), ("n1", "n2"))))
    assert fewer.nodes == (Node("n1", (Edge("a", "skip"),)), Node("n3", (Edge("b", "pool"),)))
    assert fewer.output == ("n1", "n3")


def test_a_cell_is_found_by_its_name() -> None:
    genotype = from_json(sound())
    assert genotype.cell("normal").nodes[0].edges == (Edge("a", "skip_connect"),)
