"""Names as readers know them: inputs of cells as their space calls them, polynomials as they are written.

A genotype names the values that edges come from, which are adapted inputs (`let a = prev2 -> align(prev)`),
and candidates by the names of their set, where a polynomial may bear that of the convolution it stands for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ...base.diagnostics import DslnasError
from ...base.run_folder import SPACE
from ...ir.analysis.traits import CellTraits, Traits
from ...ir.genotype import Cell, Genotype
from ...parse import syntax
from ...parse.format import one_line
from ...resolve.definitions import Space
from ...resolve.derive import override
from ...resolve.resolve import resolve
from ...resolve.settings import parse_override
from ..render.palette import css_name, styles
from ..rundata import RunData


@dataclass(frozen=True)
class Wording:
    """What names of a genotype stand for.

    inputs: for each cell, the source of edges -> the input of the cell that it adapts. operations: the name
    of a candidate that is a polynomial -> how its operation is written.
    """

    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    operations: Mapping[str, str] = field(default_factory=dict)

    def source(self, cell: str, name: str) -> str:
        """An input, a node or another source of edges in a cell."""
        return self.inputs.get(cell, {}).get(name, name)

    def operation(self, name: str) -> str:
        """A candidate."""
        return self.operations.get(name, name)


@dataclass(frozen=True)
class Entry:
    """An operation in the legend of a picture: its text, CSS colour, the edges that have it, what it is."""

    operation: str
    colour: str
    edges: int
    kind: str


def wording_of(run: RunData) -> Wording:
    """What the names in a run stand for, from the text of its space; empty where that cannot be read."""
    space = space_of(run)
    if space is None:
        return Wording()
    polynomials = {
        name for cell in run.cells.values() for name, traits in cell.operations.items() if traits.polynomial
    }
    written: dict[str, set[str]] = {}
    for options in space.sets.values():
        for name, expr in options.items():
            if name in polynomials:
                written.setdefault(name, set()).add(one_line(expr.span.text))
    once = Counter(text for texts in written.values() for text in texts)
    operations = {name: text for name, (text, *others) in written.items() if not others and once[text] == 1}
    return Wording({cell: _adapted(space, cell) for cell in space.cells}, operations)


def space_of(run: RunData) -> Space | None:
    """The space of a run with the settings that change it; None where the run does not hold it."""
    if run.genotype is None or run.space is None:
        return None
    try:
        definitions, _ = resolve(run.folder / SPACE)
        space = definitions.spaces.get(run.genotype.space)
        for text in run.settings.texts("set") if space else ():
            setting = parse_override(text)
            if space and setting.path[0] in space.sets:
                space = override(space, setting)
    except DslnasError:
        return None  # old text, or text edited since: names stay as the genotype has them
    return space


def _adapted(space: Space, cell: str) -> dict[str, str]:
    """The intermediates of a cell that begin with one of its inputs, where each input has but one."""
    definition = space.cells[cell]
    found = {}
    for item in definition.items:
        if isinstance(item, syntax.Let):
            first = item.value.value if isinstance(item.value, syntax.Pipe) else item.value
            if isinstance(first, syntax.Name) and first.name in definition.inputs:
                found[item.name] = first.name
    return found if len(set(found.values())) == len(found) else {}


def worded(run: RunData, wording: Wording) -> RunData:
    """The run with the names of its cells replaced; identifiers of choice points stay."""
    edges = tuple(
        replace(
            edge,
            source=wording.source(edge.cell, edge.source),
            candidates=tuple(map(wording.operation, edge.candidates)),
            zeros=tuple(map(wording.operation, edge.zeros)),
        )
        for edge in run.edges
    )
    nodes = tuple(
        replace(node, sources=tuple(wording.source(node.cell, name) for name in node.sources))
        for node in run.nodes
    )
    cells = {
        name: CellTraits(
            cell.reduces, {wording.operation(key): traits for key, traits in cell.operations.items()}
        )
        for name, cell in run.cells.items()
    }
    genotype = run.genotype and worded_genotype(run.genotype, wording)
    return replace(run, edges=edges, nodes=nodes, cells=cells, genotype=genotype)


def worded_genotype(genotype: Genotype, wording: Wording) -> Genotype:
    """The genotype with the names of its cells replaced."""

    def cell(one: Cell) -> Cell:
        def source(name: str) -> str:
            return wording.source(one.name, name)

        nodes = tuple(
            replace(
                node,
                edges=tuple(
                    replace(edge, source=source(edge.source), operation=wording.operation(edge.operation))
                    for edge in node.edges
                ),
            )
            for node in one.nodes
        )
        return replace(
            one,
            inputs=tuple(map(source, one.inputs)),
            nodes=nodes,
            output=tuple(map(source, one.output)),
        )

    return replace(genotype, cells=tuple(map(cell, genotype.cells)))


def legend(run: RunData, wording: Wording) -> list[Entry]:
    """The operations that the cells of a worded run keep, in the colours of their picture."""
    if run.genotype is None:
        return []
    kept = [
        (cell.name, edge.operation)
        for cell in run.genotype.cells
        for node in cell.nodes
        for edge in node.edges
    ]
    named = {text: name for name, text in wording.operations.items()}
    counts = Counter(operation for _, operation in kept)
    worn = styles(operation for _, operation in kept)
    found = []
    for operation, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        uses = [run.cells[cell].operations.get(operation) for cell in dict.fromkeys(c for c, o in kept
                if o == operation) if cell in run.cells]  # fmt: skip
        kind = _kind([traits for traits in uses if traits is not None])
        if operation in named and named[operation] != operation:
            kind += f", candidate {named[operation]} of the space"
        found.append(Entry(operation, css_name(worn[operation].colour), count, kind))
    return found


def _kind(uses: Iterable[Traits]) -> str:
    """What an operation is, by its traits in the cells that keep it; empty where it has none recorded."""
    found = list(uses)
    if not found:
        return ""
    if any(traits.polynomial for traits in found):
        return f"a polynomial of order {max(traits.order for traits in found)}"
    if any(traits.skip for traits in found):
        return "a skip"
    return "with weights" if any(traits.parameters for traits in found) else "without weights"
