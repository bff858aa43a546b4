"""Drawings of cells as plain data: inputs, nodes, labelled edges, the concatenation."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from ...base.diagnostics import fail
from ...ir.genotype import Cell, Genotype

if TYPE_CHECKING:
    from ...ir.graph import CellKind, Program
from ...ir.names import node_id

# Longer names are cut for pictures: a label wider than this makes every column of the picture as wide.
LONGEST = 36


@dataclass(frozen=True)
class CellDrawing:
    """A cell to be drawn.

    inputs, nodes: names, all different, in the order of the text. edges: `(source, target, label)`; an empty
    label draws a bare arrow, several edges may join the same two names. output: the names that the
    concatenation joins. quiet: the edges that are drawn in grey.
    """

    name: str
    inputs: tuple[str, ...]
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str, str], ...]
    output: tuple[str, ...]
    quiet: frozenset[tuple[str, str, str]] = frozenset()


def drawings_beside(before: Cell, after: Cell, names: tuple[str, str]) -> list[CellDrawing]:
    """Two cells of one kind under the names of their genotypes; the edges that both have are grey."""
    drawings = [drawing_of(before), drawing_of(after)]
    both = frozenset(drawings[0].edges) & frozenset(drawings[1].edges)
    return [
        replace(drawing, name=f"{drawing.name}: {name}", quiet=both)
        for drawing, name in zip(drawings, names, strict=True)
    ]


def drawing_of(cell: Cell) -> CellDrawing:
    """The drawing of a genotype's cell: its kept edges with the candidate chosen on each."""
    edges = tuple((edge.source, node.name, edge.operation) for node in cell.nodes for edge in node.edges)
    return CellDrawing(cell.name, cell.inputs, tuple(node.name for node in cell.nodes), edges, cell.output)


def drawings_of(genotype: Genotype) -> list[CellDrawing]:
    """The drawings of a genotype's cells, whole, then of what is left of them without nodes or edges."""
    whole = [drawing_of(cell) for cell in genotype.cells]
    left = (
        (position, drawing_of(genotype.remaining(position)))
        for position in genotype.positions
        if position.takes_parts and any(cell.name == position.cell for cell in genotype.cells)
    )
    return [*whole, *(replace(one, name=f"{one.name} at {place.place}") for place, one in left)]


def drawings_at(genotype: Genotype) -> dict[str, list[CellDrawing]]:
    """Of each place without some nodes or edges the whole cell, and what is left of it, by its name."""
    whole = {cell.name: cell for cell in genotype.cells}
    return {
        position.place: drawings_beside(
            whole[position.cell], genotype.remaining(position), ("before", "after")
        )
        for position in genotype.positions
        if position.takes_parts and position.cell in whole
    }


def drawing_of_kind(kind: CellKind, program: Program) -> CellDrawing:
    """The drawing of a kind of cell before the search: every edge, with the number of its candidates."""
    edges = []
    for node in kind.nodes:
        selection = program.selections.get(node_id(kind.name, node))
        for source, choice in zip(selection.sources, selection.edges, strict=True) if selection else ():
            options = program.choices[choice].options if choice in program.choices else ()
            edges.append((source, node, options[0] if len(options) == 1 else _several(len(options))))
    return CellDrawing(kind.name, kind.inputs, kind.nodes, tuple(edges), kind.output)


def _several(count: int) -> str:
    return f"{count} candidates" if count else ""


def check(drawing: CellDrawing) -> None:
    """Raise DslnasError N0501 unless the edges of a drawing form an acyclic graph over its names."""
    names = [*drawing.inputs, *drawing.nodes]
    where = f"cell `{drawing.name}`"
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise fail("N0501", f"{where}: the name `{twice[0]}` stands for two of its inputs and nodes")
    for name in [*(source for source, _, _ in drawing.edges), *drawing.output]:
        if name not in names:
            raise fail("N0501", f"{where}: `{name}` is neither an input nor a node", help=_known(names))
    for _, target, _ in drawing.edges:
        if target not in drawing.nodes:
            raise fail("N0501", f"{where}: an edge ends at `{target}`, which is no node", help=_known(names))
    before: dict[str, set[str]] = {name: set() for name in names}
    for source, target, _ in drawing.edges:
        before[target].add(source)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise fail("N0501", f"{where}: its edges run in a circle: {circle}") from None


def _known(names: list[str]) -> str:
    return f"the cell has {', '.join(names)}" if names else "the cell has no inputs and no nodes"


def shown(name: str, longest: int = LONGEST) -> str:
    """A name as one line of printable text, cut to `longest` characters, for every output format."""
    text = "".join(character if _printable(character) else "\N{REPLACEMENT CHARACTER}" for character in name)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _printable(character: str) -> bool:
    # Line ends, controls, lone surrogates and non-characters: XML forbids some, a label has no use for any.
    return character == " " or unicodedata.category(character) not in {
        "Cc",
        "Cf",
        "Cn",
        "Co",
        "Cs",
        "Zl",
        "Zp",
    }
