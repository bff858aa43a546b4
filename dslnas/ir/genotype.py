"""The genotype: the chosen option of every choice point of a space, as data and as JSON.

A genotype names edges, never positions, so that it survives a reordered file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.diagnostics import fail
from ..base.files import read_json

FORMAT = "dslnas-genotype"
VERSION = 1


@dataclass(frozen=True)
class Edge:
    """A kept edge: the node or cell input it comes from, and the candidate chosen on it.

    Where several operations remain between two nodes, there is an edge for each.
    """

    source: str
    operation: str


@dataclass(frozen=True)
class Node:
    """An intermediate node: the plain sum of its kept edges."""

    name: str
    edges: tuple[Edge, ...]

    @property
    def operations(self) -> dict[str, tuple[str, ...]]:
        """The operations kept from each source, in order; several where nodes are joined more than once."""
        found: dict[str, tuple[str, ...]] = {}
        for edge in self.edges:
            found[edge.source] = (*found.get(edge.source, ()), edge.operation)
        return found


@dataclass(frozen=True)
class Cell:
    """One kind of cell. `inputs` are the adapted cell inputs that edges may come from."""

    name: str
    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    output: tuple[str, ...]


@dataclass(frozen=True)
class Genotype:
    """The architecture found in a space.

    choices: the option of each choice point that is no edge of a cell (`network.mb_3.k` -> `5`).
    """

    space: str
    space_hash: str
    method: str
    cells: tuple[Cell, ...]
    choices: tuple[tuple[str, str], ...] = ()

    def cell(self, name: str) -> Cell:
        """The cell of this name, which must exist."""
        return next(cell for cell in self.cells if cell.name == name)


def to_json(genotype: Genotype) -> dict[str, Any]:
    """The genotype as the JSON object in `genotype.json`."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "space": {"name": genotype.space, "hash": genotype.space_hash},
        "method": genotype.method,
        "cells": {
            cell.name: {
                "inputs": list(cell.inputs),
                "nodes": {
                    node.name: [{"from": edge.source, "op": edge.operation} for edge in node.edges]
                    for node in cell.nodes
                },
                "output": list(cell.output),
            }
            for cell in genotype.cells
        },
        "choices": dict(genotype.choices),
    }


def json_text(genotype: Genotype) -> str:
    """The text of a genotype's JSON file."""
    return json.dumps(to_json(genotype), indent=2) + "\n"


def from_json(data: Any, where: str = "genotype") -> Genotype:
    """The genotype of a JSON object; raises DslnasError N0501 with `where` and the faulty part."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise fail("N0501", f"{where}: this is no dslnas genotype", help=f'its "format" must be "{FORMAT}"')
    if data.get("version") != VERSION:
        raise fail(
            "N0501",
            f"{where}: version {str(data.get('version'))[:20]} of the genotype format is not known",
            help=f"this dslnas reads version {VERSION}",
        )
    try:
        cells = tuple(_cell(name, cell) for name, cell in data["cells"].items())
        return Genotype(
            _text(data["space"]["name"]),
            _text(data["space"]["hash"]),
            _text(data["method"]),
            cells,
            tuple((_text(k), _text(v)) for k, v in data.get("choices", {}).items()),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise fail("N0501", f"{where}: a part is missing or has another form: {error}") from None


def _cell(name: str, data: dict[str, Any]) -> Cell:
    nodes = tuple(
        Node(_text(node), tuple(Edge(_text(edge["from"]), _text(edge["op"])) for edge in edges))
        for node, edges in data["nodes"].items()
    )
    return Cell(_text(name), _texts(data["inputs"]), nodes, _texts(data["output"]))


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list of names is expected")
    return tuple(map(_text, value))


def _text(value: Any) -> str:
    """The value, a string; raises TypeError for others and for unpaired surrogates, which JSON allows."""
    if not isinstance(value, str):
        raise TypeError("a name is expected")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise TypeError("a name holds half a character")
    return value


def read(path: Path) -> Genotype:
    """Read the genotype of a JSON file; raises DslnasError if it is missing, not JSON, or not a genotype."""
    return from_json(read_json(path, "N0501"), str(path))
