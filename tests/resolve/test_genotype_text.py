"""The genotype as source: what is printed is read back equal, and what cannot be printed is told."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from drawing import genotype_drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from strategies import spaces, symbolic_program

from dslnas.base.diagnostics import DslnasError
from dslnas.base.source import Source
from dslnas.ir.genotype import Cell, Edge, Genotype, Node, Position
from dslnas.ir.graph import Program
from dslnas.parse import syntax
from dslnas.parse.grammar import is_name
from dslnas.parse.parse import parse
from dslnas.resolve.genotype_text import genotype_of, read_source, text_of
from dslnas.resolve.library import shipped
from dslnas.runs.load import load
from dslnas.runs.request import Request

SPACES = sorted(path.stem for path in shipped().glob("*.nas") if path.stem != "vgg16")  # for large pictures


def read_back(text: str) -> Genotype:
    file, diagnostics = parse(Source("found.nas", text))
    assert diagnostics == []
    (definition,) = file.definitions
    assert isinstance(definition, syntax.GenotypeText)
    return genotype_of(definition)


names = st.from_regex(r"[A-Za-z_]\w{0,7}", fullmatch=True).filter(is_name)
texts = st.text(st.characters(codec="utf-8"), max_size=12).filter(
    lambda text: text.isprintable() and '"' not in text
)
labels = st.one_of(
    names,
    texts,
    st.lists(
        st.tuples(names, st.one_of(names, st.integers(0, 99).map(str), texts)), min_size=1, max_size=3
    ).map(lambda pairs: ", ".join(f"{key} = {value}" for key, value in pairs)),
)
operations = st.one_of(names, texts)
nodes = st.builds(
    Node, names, st.lists(st.builds(Edge, names, operations), min_size=1, max_size=3).map(tuple)
)
unique = st.lists(names, max_size=3, unique=True).map(tuple)
cells = st.builds(
    Cell, names, unique, st.lists(nodes, max_size=3, unique_by=lambda node: node.name).map(tuple), unique
)
places = st.one_of(texts, st.lists(names, min_size=1, max_size=3).map("/".join))
numbered = st.one_of(names.map("network/{}_1".format), names.map("network/{}_2 [depth_1: 2]".format))
genotypes = st.builds(
    Genotype,
    names,
    texts,
    texts,
    st.lists(cells, max_size=2, unique_by=lambda cell: cell.name).map(tuple),
    st.dictionaries(places, labels, max_size=4).map(lambda options: tuple(options.items())),
    st.lists(
        st.builds(
            Position,
            numbered,
            names,
            st.lists(names, max_size=3).map(tuple),
            st.lists(st.tuples(names, names), max_size=2).map(tuple),
            st.none() | st.integers(1, 99),
        ).filter(lambda position: position.takes_parts or position.channels),
        max_size=3,
        unique_by=lambda position: position.place,
    ).map(tuple),
)


@given(genotypes, names)
def test_what_is_printed_is_read_back(genotype: Genotype, name: str) -> None:
    assert read_back(text_of(genotype, name)) == genotype


@cache
def supernet(space: str) -> Program:
    return load(space, Request(data="sc35", preset="paper")).supernet


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_genotypes_of_the_shipped_spaces_are_read_back(data: DataObject) -> None:
    genotype = genotype_drawn(data.draw, supernet(data.draw(st.sampled_from(SPACES))))
    assert read_back(text_of(genotype)) == genotype


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_genotypes_of_drawn_spaces_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, data: DataObject
) -> None:
    """Edges of written options, choices of layers, choices inside of candidates."""
    definitions = data.draw(spaces()).resolve(tmp_path_factory.mktemp("drawn"))
    genotype = genotype_drawn(data.draw, symbolic_program(definitions))
    assert read_back(text_of(genotype)) == genotype


def sound(**changes: object) -> Genotype:
    cell = Cell(
        "normal", ("a", "b"), (Node("n1", (Edge("a", "skip_connect"), Edge("b", "sep_conv(3)"))),), ("n1",)
    )
    parts: dict[str, object] = {
        "space": "S",
        "space_hash": "sha256:0",
        "method": "darts",
        "cells": (cell,),
        "choices": (("network/mb_1", "k = 3, expand = 6"), ("network/mb_1/k = 3/choose_1", "relu")),
    }
    return Genotype(**{**parts, **changes})  # type: ignore[arg-type]


def test_the_text_reads_as_the_language() -> None:
    assert text_of(sound()) == (
        "genotype found of S {\n"
        "    method: darts\n"
        '    hash:   "sha256:0"\n'
        "\n"
        "    cell normal(a, b) {\n"
        '        node n1 = skip_connect(a) + "sep_conv(3)"(b)\n'
        "        output: n1\n"
        "    }\n"
        "\n"
        "    network.mb_1:                  (k: 3, expand: 6)\n"
        '    "network/mb_1/k = 3/choose_1": relu\n'
        "}\n"
    )


@pytest.mark.parametrize(
    "genotype",
    [
        sound(space="my space"),
        sound(space="op"),
        sound(space_hash='a"b'),
        sound(method="two\nlines"),
        sound(cells=(Cell("normal", ("a",), (Node("n1", ()),), ("n1",)),)),
        sound(cells=(Cell("normal", ("1",), (), ()),)),
        sound(choices=(("network/x", 'say "x"'),)),
    ],
)
def test_what_no_text_can_hold_is_told(genotype: Genotype) -> None:
    with pytest.raises(DslnasError) as caught:
        text_of(genotype)
    assert caught.value.diagnostics[0].code == "N0501"


def test_a_file_of_one_genotype_is_one(tmp_path: Path) -> None:
    path = tmp_path / "found.nas"
    path.write_text(text_of(sound()))
    assert read_source(path) == sound()
    path.write_text('use "ss1.nas"\n' + text_of(sound()))
    assert read_source(path) == sound()
    path.write_text(text_of(sound()) + "space T = S with found\n")
    assert read_source(path) is None  # it is a space
    path.write_text(text_of(sound()) + text_of(sound(), "other"))
    with pytest.raises(DslnasError, match="defines 2 genotypes"):
        read_source(path)
    path.write_text(text_of(sound()).replace("node n1 =", "node n1 +"))
    with pytest.raises(DslnasError, match="`\\+` is not expected here"):
        read_source(path)
