"""The genotype: the chosen option of every choice point of a space, as data and as JSON.

A genotype names edges, never places in a list, so that it survives a reordered file. Cells of one kind are
alike at every position of the network, except for the nodes, edges and channels that are removed at some.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.diagnostics import fail
from ..base.files import read_json

FORMAT = "dslnas-genotype"
VERSION = 3  # a genotype is written as the least version that can say it, which older readers know


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
class Position:
    """An instance of a cell in the retrained network from which parts are removed.

    place: where the network calls the cell, `network/normal_3`. cell: its kind. removed: its removed nodes.
    edges: the removed edges of other nodes, each as its source and its node, with all operations on it.
    channels: how many of its channels it keeps; None: all of them.
    """

    place: str
    cell: str
    removed: tuple[str, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    channels: int | None = None

    @property
    def takes_parts(self) -> bool:
        """Whether nodes or edges are removed."""
        return bool(self.removed or self.edges)


@dataclass(frozen=True)
class Genotype:
    """The architecture found in a space.

    choices: the option of each choice point that is no edge of a cell (`network.mb_3.k` -> `5`).
    positions: the instances of cells from which parts are removed; `ir/positions.py` says what that means.
    """

    space: str
    space_hash: str
    method: str
    cells: tuple[Cell, ...]
    choices: tuple[tuple[str, str], ...] = ()
    positions: tuple[Position, ...] = ()

    def cell(self, name: str) -> Cell:
        """The cell of this name, which must exist."""
        return next(cell for cell in self.cells if cell.name == name)

    def remaining(self, position: Position) -> Cell:
        """The cell at a position, without its removed nodes, the edges from them, and its removed edges.

        Where nothing is left of its output it hands on an input; the last is named.
        """
        whole = self.cell(position.cell)
        gone = set(position.removed)
        nodes = []
        for node in whole.nodes:
            edges = tuple(
                edge
                for edge in node.edges
                if edge.source not in gone and (edge.source, node.name) not in position.edges
            )
            if node.name in gone or not edges:
                gone.add(node.name)
            else:
                nodes.append(Node(node.name, edges))
        output = tuple(name for name in whole.output if name not in gone)
        return Cell(whole.name, whole.inputs, tuple(nodes), output or whole.inputs[-1:])


def to_json(genotype: Genotype) -> dict[str, Any]:
    """The genotype as the JSON object in `genotype.json`.

    Version 1 has no positions, version 2 those that remove nodes alone, version 3 any.
    """
    positions = {one.place: _position_data(one) for one in genotype.positions}
    beyond = any(one.edges or one.channels is not None for one in genotype.positions)
    return {
        "format": FORMAT,
        "version": VERSION if beyond else 2 if positions else 1,
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
        **({"positions": positions} if positions else {}),
    }


def _position_data(one: Position) -> dict[str, Any]:
    edges = [{"from": source, "to": node} for source, node in one.edges]
    more = ({"edges": edges} if edges else {}) | (
        {"channels": one.channels} if one.channels is not None else {}
    )
    return {"cell": one.cell, "removed": list(one.removed), **more}


def json_text(genotype: Genotype) -> str:
    """The text of a genotype's JSON file."""
    return json.dumps(to_json(genotype), indent=2) + "\n"


def from_json(data: Any, where: str = "genotype") -> Genotype:
    """The genotype of a JSON object; raises DslnasError N0501 with `where` and the faulty part."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise fail("N0501", f"{where}: this is no dslnas genotype", help=f'its "format" must be "{FORMAT}"')
    version = data.get("version")
    if version not in range(1, VERSION + 1):
        raise fail(
            "N0501",
            f"{where}: version {str(version)[:20]} of the genotype format is not known",
            help=f"this dslnas reads versions 1 to {VERSION}",
        )
    try:
        cells = tuple(_cell(name, cell) for name, cell in data["cells"].items())
        positions = data.get("positions", {}) if version != 1 else {}
        return Genotype(
            _text(data["space"]["name"]),
            _text(data["space"]["hash"]),
            _text(data["method"]),
            cells,
            tuple((_text(k), _text(v)) for k, v in data.get("choices", {}).items()),
            tuple(_position(place, one) for place, one in positions.items()),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise fail("N0501", f"{where}: a part is missing or has another form: {error}") from None


def _cell(name: str, data: dict[str, Any]) -> Cell:
    nodes = tuple(
        Node(_text(node), tuple(Edge(_text(edge["from"]), _text(edge["op"])) for edge in edges))
        for node, edges in data["nodes"].items()
    )
    return Cell(_text(name), _texts(data["inputs"]), nodes, _texts(data["output"]))


def _position(place: str, data: dict[str, Any]) -> Position:
    edges = tuple((_text(edge["from"]), _text(edge["to"])) for edge in data.get("edges", ()))
    channels = data.get("channels")
    if channels is not None and (type(channels) is not int or channels < 1):
        raise TypeError("a number of channels is expected")
    return Position(_text(place), _text(data["cell"]), _texts(data["removed"]), edges, channels)


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
