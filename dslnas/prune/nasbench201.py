"""Reads cells of NAS-Bench-201 (Dong and Yang, 2020): `|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|`.

State 0 is the input of the cell. Each part between plus signs is a node, which sums its edges: an operation,
and the state that it comes from. The last node is handed out.
"""

from __future__ import annotations

import re

from ..base import limits
from ..base.diagnostics import fail
from ..base.source import Source, Span, start_of
from ..base.spelling import did_you_mean
from ..ir.genotype import Cell, Edge, Genotype, Node
from ..ir.graph import CellKind, Program
from ..ir.names import edge_id
from .darts_text import PublishedCell, PublishedEdge
from .validate import validate

SPACE = "nasbench201"  # the shipped space of these cells
NAME = "published"
FORM = "`|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`: of each node the operation from each state before it"
_CELL = re.compile(r"\|\w+~\d+\|(?:\w+~\d+\||\+\|)*")
_EDGE = re.compile(r"(?P<operation>\w+)~(?P<source>\d+)\|")


def read_cell(source: Source) -> PublishedCell | None:
    """The only cell in a text, also within the line of a log; None where there is none.

    Raises DslnasError N0501 where there are several different ones, or a part is of another form.
    """
    found = {match[0]: match for match in reversed(list(_CELL.finditer(source.text)))}
    if not found:
        return None
    if len(found) > 1:
        message = f"{source.name} holds {len(found)} cells of NAS-Bench-201"
        raise fail("N0501", message, start_of(source), help="leave one of them in the file")
    (cell,) = found.values()
    edges: list[PublishedEdge] = []
    place, node = cell.start(), 0
    for part in cell[0].split("+"):
        node += 1
        for edge in _EDGE.finditer(part):
            span = _span(source, place + edge.start(), place + edge.end() - 1)
            state = int(edge["source"]) if len(edge["source"]) < 4 else limits.ARRIVALS
            if state >= node:
                message = f"an edge of node {node} comes from state {edge['source']}"
                raise fail("N0501", message, span, help=f"edges come from 0 .. {node - 1}")
            edges.append(PublishedEdge(edge["operation"], state, node, span))
        place += len(part) + 1
    whole = _span(source, cell.start(), cell.end())
    if len(edges) > limits.PARTS or not edges or edges[-1].node != node:
        raise fail("N0501", "a node of this cell has no edge", whole, help=FORM)
    return PublishedCell(tuple(edges), (node,), whole, whole)


def adopted_cell(found: PublishedCell, program: Program, space_hash: str, where: str) -> Genotype:
    """The genotype of a space with one kind of cell that corresponds to a cell of NAS-Bench-201.

    Edges with a zero operation are left out. So are edges from nodes without edges and those into nodes that
    nothing reads: the last node is the same but for constants, and parameters that do nothing are gone.
    Raises DslnasError N0502 where the space has no such cell, lacks an operation, or nothing is handed out.
    """
    kind = _kind(found, program)
    states = (*kind.inputs, *kind.nodes)
    kept = {name: list[Edge]() for name in kind.nodes}
    for edge in found.edges:
        node, source = states[edge.node], states[edge.source]
        if Edge(source, edge.operation) in kept[node]:
            message = f"node {edge.node} has two edges from state {edge.source} with `{edge.operation}`"
            raise fail("N0502", message, edge.span, help=FORM)
        point = program.choices[edge_id(kind.name, node, source)]
        if edge.operation not in point.options:
            help = did_you_mean(edge.operation, point.options) or f"known: {', '.join(point.options)}"
            message = f"space {program.space} has no operation `{edge.operation}`"
            raise fail("N0502", message, edge.span, help=help)
        if edge.operation not in point.zeros and (source in kind.inputs or kept[source]):
            kept[node].append(Edge(source, edge.operation))
    read = set(kind.output)
    for node in reversed(kind.nodes):
        kept[node] = kept[node] if node in read else []
        read |= {edge.source for edge in kept[node]}
    if not any(kept[node] for node in kind.output):
        message = "nothing that comes into this cell reaches its last node"
        raise fail("N0502", message, found.span, help="such a network gives the same answer to everything")
    for edges in kept.values():
        edges.sort(key=lambda edge: states.index(edge.source))
    nodes = tuple(Node(name, tuple(edges)) for name, edges in kept.items())
    cell = Cell(kind.name, kind.inputs, nodes, kind.output)
    return validate(Genotype(program.space, space_hash, NAME, (cell,)), program, where)


def _kind(found: PublishedCell, program: Program) -> CellKind:
    """The only kind of cell of a space, where it has one input, so many nodes, and hands out the last."""
    (wanted,) = found.output
    kinds = list(program.kinds.values())
    if len(kinds) == 1 and len(kinds[0].inputs) == 1 and not kinds[0].fixed:
        (kind,) = kinds
        if len(kind.nodes) == wanted and kind.output == kind.nodes[-1:]:
            return kind
    message = (
        f"space {program.space} is not of one cell with one input and {wanted} nodes, the last handed out"
    )
    raise fail("N0502", message, found.span, help=f"cells of NAS-Bench-201 fit `--space {SPACE}`")


def _span(source: Source, start: int, end: int) -> Span:
    line = source.text.count("\n", 0, start) + 1
    column = start - (source.text.rfind("\n", 0, start) + 1) + 1
    return Span(source, line, column, line, column + max(1, end - start))
