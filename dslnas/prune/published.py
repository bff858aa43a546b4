"""Converts genotypes from and to the published DARTS form, which numbers inputs and nodes as states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ..base.diagnostics import fail
from ..base.spelling import did_you_mean
from ..ir.genotype import Cell, Edge, Genotype, Node
from ..ir.graph import CellKind, Program
from ..ir.names import edge_id
from .darts_text import INPUTS, Published, PublishedCell, PublishedEdge
from .validate import validate

KINDS = {
    "normal": "normal",
    "reduce": "reduction",
}  # the name of a cell in the DARTS code -> its name here


# Operations of published spaces that a space may lack for a reason.
_WHY_NOT = {
    "noise": "`noise` of RobustDARTS hands out noise, as a candidate that no search should choose: a network "
    "that has it is of no use",
}


def adopted(found: Published, program: Program, space_hash: str, where: str) -> Genotype:
    """The genotype of a space that corresponds to a published one.

    A node into which no edge leads is left out, as are edges from it (FairDARTS).
    The edges of a node are ordered by their sources; edges with a zero operation are left out. Several
    operations may lead from one state to a node.
    Raises DslnasError N0502 if the space lacks one of its cells, nodes or operations.
    """
    cells = tuple(_cell(getattr(found, key), name, program) for key, name in KINDS.items())
    return validate(Genotype(program.space, space_hash, found.name, cells), program, where)


def _cell(found: PublishedCell, name: str, program: Program) -> Cell:
    kind = program.kinds.get(name)
    if kind is None or len(kind.inputs) != INPUTS:
        message = f"space {program.space} has no cell `{name}` of {INPUTS} inputs"
        help = f"its cells: {', '.join(program.kinds)}" if program.kinds else "it has no cells"
        raise fail("N0502", message, found.span, help=help)
    states = (*kind.inputs, *kind.nodes)
    kept: dict[str, list[tuple[int, Edge]]] = defaultdict(list)
    wanted = _nodes_of(found) - INPUTS
    help = f"it has {wanted} nodes: `--set nodes={wanted}`" if wanted != len(kind.nodes) else ""
    for edge in found.edges:
        _check_states(edge, kind, states, help)
        node = states[edge.node]
        made = edge.source, Edge(states[edge.source], edge.operation)
        if made in kept[node]:
            message = f"node {edge.node} has two edges from state {edge.source} with `{edge.operation}`"
            help = "several edges may lead from one state to a node, with different operations"
            raise fail("N0502", message, edge.span, help=help)
        if not _is_zero(edge, name, states, program):
            kept[node].append(made)
    for node in kind.nodes:  # each after those it reads: what an isolated node would hand on is left out
        gone = {number for number, name in enumerate(states) if number >= INPUTS and not kept[name]}
        kept[node] = [(source, edge) for source, edge in kept[node] if source not in gone]
    if not any(kept[node] for node in kind.output):
        message = f"no edge leads into node {', '.join(str(states.index(node)) for node in kind.output)}"
        help = f"a cell of {program.space} has {len(kind.nodes)} nodes: one of them needs an edge at least"
        raise fail("N0502", message, found.span, help=help)
    _check_output(found, kind, states, help)
    in_order = {node: sorted(edges, key=lambda one: one[0]) for node, edges in kept.items()}
    nodes = tuple(Node(node, tuple(edge for _, edge in in_order[node])) for node in kind.nodes)
    return Cell(name, kind.inputs, nodes, kind.output)


def _nodes_of(found: PublishedCell) -> int:
    """How many states a published cell has, with its inputs."""
    return 1 + max(INPUTS - 1, *(edge.node for edge in found.edges), *found.output)


def _check_states(edge: PublishedEdge, kind: CellKind, states: tuple[str, ...], help: str) -> None:
    if not INPUTS <= edge.node < len(states):
        message = f"an edge into state {edge.node}, and the nodes of cell `{kind.name}`"
        raise fail("N0502", f"{message} are {INPUTS} .. {len(states) - 1}", edge.span, help=help)
    if edge.source >= edge.node:
        message = f"an edge of node {edge.node} comes from state {edge.source}"
        raise fail("N0502", message, edge.span, help=f"edges come from 0 .. {edge.node - 1}")


def _is_zero(edge: PublishedEdge, cell: str, states: tuple[str, ...], program: Program) -> bool:
    """Whether the operation of an edge is a zero; raises DslnasError N0502 if the space does not offer it."""
    point = program.choices.get(edge_id(cell, states[edge.node], states[edge.source]))
    if point is None:  # the space fixes the node: `validate` compares it
        return False
    if edge.operation not in point.options:
        help = _WHY_NOT.get(edge.operation) or (
            did_you_mean(edge.operation, point.options) or f"known: {', '.join(point.options)}"
        )
        message = f"space {program.space} has no operation `{edge.operation}`"
        raise fail("N0502", message, edge.span, help=help)
    return edge.operation in point.zeros


def _check_output(found: PublishedCell, kind: CellKind, states: tuple[str, ...], more: str) -> None:
    wanted = sorted(states.index(name) for name in kind.output)
    if sorted(found.output) != wanted:
        message = f"the cell hands out the states {', '.join(map(str, found.output)) or 'of no node'}"
        help = more or f"cell `{kind.name}` of the space hands out {', '.join(map(str, wanted))}"
        raise fail("N0502", message, found.output_span, help=help)


# --- to published text -------------------------------------------------------------------------------------


def published_text(genotype: Genotype, name: str) -> str:
    """The text of a genotype in the form of the DARTS code; every edge names its node unless all have two.

    Raises DslnasError N0501 if the genotype has other cells, or choices outside of them.
    """
    cells = {cell.name: cell for cell in genotype.cells}
    others = genotype.choices or genotype.positions
    if set(cells) != set(KINDS.values()) or others or not all(map(_is_plain, cells.values())):
        message = f"a genotype of {genotype.space} has no form in the DARTS code"
        raise fail(
            "N0501", message, help=f"that has cells {' and '.join(KINDS.values())} of two inputs alone"
        )
    lines = [line for key, kind in KINDS.items() for line in _fields(key, cells[kind])]
    return "\n".join([f"{name} = Genotype(", *lines, ")"]) + "\n"


def _is_plain(cell: Cell) -> bool:
    return len(cell.inputs) == INPUTS and all(edge.operation for node in cell.nodes for edge in node.edges)


def _fields(key: str, cell: Cell) -> list[str]:
    states: Mapping[str, int] = {
        name: place for place, name in enumerate((*cell.inputs, *(node.name for node in cell.nodes)))
    }
    in_pairs = all(len(node.edges) == 2 for node in cell.nodes)
    edges = [
        (edge.operation, *(() if in_pairs else (states[node.name],)), states[edge.source])
        for node in cell.nodes
        for edge in node.edges
    ]
    return [f"    {key}={edges},", f"    {key}_concat={sorted(states[name] for name in cell.output)},"]
