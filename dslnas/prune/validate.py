"""Validates a genotype against a space: its cells, nodes, edges and choices exist there."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx

from ..base.diagnostics import fail
from ..base.spelling import did_you_mean
from ..ir.genotype import Cell, Genotype, Node, Position
from ..ir.graph import Program
from ..ir.names import node_id
from ..ir.places import Place, places
from ..ir.positions import network_of, ties_of
from ..ir.walk import Chosen


def validate(genotype: Genotype, program: Program, where: str = "genotype") -> Genotype:
    """The genotype itself; raises DslnasError N0502 with the part that does not fit the space.

    A space says how many edges a node keeps and which operations each may have. Whether two of them may join
    the same two nodes, with different operations, is up to the method that searches (`top(2, pairs)`): any
    space takes a network in which they do. A node may keep fewer edges than the space; one without any is
    left out, with nothing that reads it, and one of the output at least must remain.
    """
    found = {cell.name for cell in genotype.cells}
    for name in program.kinds:
        if name not in found:
            raise fail("N0502", f"{where}: cell `{name}` is missing")
    for cell in genotype.cells:
        _validate_cell(cell, program, where)
    options = dict(genotype.choices)
    open_points = [id for id, point in program.choices.items() if not point.node]
    for id in options:
        if id not in open_points:
            help = did_you_mean(id, open_points)
            raise fail("N0502", f"{where}: the space has no choice `{id}`", help=help)
    for id, point in program.choices.items():
        if not point.node and options.get(id) not in point.remaining:
            raise fail("N0502", f"{where}: choice `{id}` takes one of {', '.join(point.remaining)}")
    if genotype.positions:
        _validate_positions(genotype, program, where)
    return genotype


def _validate_positions(genotype: Genotype, program: Program, where: str) -> None:
    known = {place.name: place for place in places(program, Chosen.of(genotype))}
    for position in genotype.positions:
        if position.place not in known:
            help = did_you_mean(position.place, known) or f"cells stand at {', '.join(known) or 'no place'}"
            raise fail("N0502", f"{where}: the network calls no cell at `{position.place}`", help=help)
        _validate_position(position, known[position.place], genotype, where)
    if len({position.place for position in genotype.positions}) < len(genotype.positions):
        raise fail("N0502", f"{where}: two positions have one place")
    _validate_widths(genotype, program, where)
    network_of(program, genotype)  # raises where nothing can flow in place of a whole cell


def _validate_widths(genotype: Genotype, program: Program, where: str) -> None:
    """Raise DslnasError N0502 where a cell cannot be as narrow as a position says."""
    narrow = [position for position in genotype.positions if position.channels is not None]
    if not narrow:
        return
    tied = ties_of(program, replace(genotype, positions=()))
    for position in narrow:
        at, width, place = f"{where}: `{position.place}`", position.channels, position.place
        if place not in tied.widths:
            help = "its channels cannot be told from those of other cells: leave its number of channels out"
            raise fail("N0502", f"{at} keeps all its channels", help=help)
        step, most = tied.together(place), tied.widths[place]
        if width is None or width % step or not step <= width < most:
            each = f"from {step} to {most - step}" + (f" in steps of {step}" if step > 1 else "")
            raise fail("N0502", f"{at} has {most} channels and cannot keep {width}", help=each)


def _validate_position(position: Position, place: Place, genotype: Genotype, where: str) -> None:
    at = f"{where}: `{position.place}`"
    if position.cell != place.kind:
        raise fail("N0502", f"{at} is a cell `{place.kind}`, not `{position.cell}`")
    parts = (*position.removed, *position.edges)
    nothing = not parts and position.channels is None
    if nothing or len(set(parts)) < len(parts):
        raise fail("N0502", f"{at} removes nothing, or something twice", help="leave it out")
    for node in position.removed:
        if node not in place.nodes:
            known = ", ".join(place.nodes) or "none: the space has fixed some of its nodes"
            raise fail("N0502", f"{at} has no node `{node}` to remove", help=f"nodes: {known}")
    kept = [(s, node.name) for node in genotype.cell(place.kind).nodes for s in node.operations]
    for source, node in position.edges:
        if node not in place.nodes or (source, node) not in kept:
            known = ", ".join(f"{s} -> {n}" for s, n in kept if n in place.nodes) or "none"
            message = f"{at} has no edge `{source} -> {node}` to remove"
            raise fail("N0502", message, help=f"edges: {known}")


def _validate_cell(cell: Cell, program: Program, where: str) -> None:
    kind = program.kinds.get(cell.name)
    if kind is None:
        help = did_you_mean(cell.name, program.kinds)
        raise fail("N0502", f"{where}: the space has no cell `{cell.name}`", help=help)
    nodes = {node.name for node in cell.nodes}
    wanted = set(kind.nodes)
    if nodes != wanted or len(cell.nodes) != len(wanted):
        message = f"{where}: cell `{cell.name}` has the nodes {', '.join(sorted(nodes))}"
        raise fail("N0502", message, help=f"the space has {', '.join(sorted(wanted))}")
    graph = nx.MultiDiGraph()
    graph.add_nodes_from([*kind.inputs, *nodes])
    fixed = {node.name: node for node in kind.fixed}
    for node in cell.nodes:
        if node.name not in fixed:
            _validate_node(cell.name, node, program, where)
        elif node != fixed[node.name]:
            raise fail("N0502", f"{where}: node `{node.name}` of cell `{cell.name}` is fixed by the space")
        graph.add_edges_from((edge.source, node.name) for edge in node.edges)
    if not nx.is_directed_acyclic_graph(graph):
        raise fail("N0502", f"{where}: cell `{cell.name}` has a cycle")
    if tuple(cell.output) != kind.output:
        raise fail("N0502", f"{where}: cell `{cell.name}` hands out {', '.join(kind.output)}")
    reached = set(cell.output).union(*(nx.ancestors(graph, name) for name in cell.output))
    bare = {node.name for node in cell.nodes if not node.edges}
    if cell.output and bare.issuperset(cell.output):
        raise fail("N0502", f"{where}: no node of cell `{cell.name}` has an edge that leads into it")
    for edge in (edge for node in cell.nodes for edge in node.edges):
        if edge.source in bare:
            message = f"{where}: cell `{cell.name}` reads node `{edge.source}`, which no edge leads into"
            raise fail("N0502", message)
    for name in sorted(nodes - reached - bare):
        raise fail("N0502", f"{where}: node `{name}` of cell `{cell.name}` is on no path to the output")


def _validate_node(cell: str, node: Node, program: Program, where: str) -> None:
    selection = program.selections[node_id(cell, node.name)]
    place = f"{where}: node `{node.name}` of cell `{cell}`"
    if len(set(node.edges)) != len(node.edges):
        twice = next(edge for edge in node.edges if node.edges.count(edge) > 1)
        message = f"{place} has two edges from one source with the same operation"
        help = f"several operations may join `{twice.source}` and `{node.name}`, each of them once"
        raise fail("N0502", message, help=help)
    if len(node.edges) > selection.keep:
        raise fail("N0502", f"{place} has {len(node.edges)} edges", help=f"the space keeps {selection.keep}")
    for edge in node.edges:
        if edge.source not in selection.sources:
            known = ", ".join(selection.sources)
            raise fail("N0502", f"{place} has an edge from `{edge.source}`", help=f"edges come from {known}")
        choice = selection.edges[selection.sources.index(edge.source)]
        options = program.choices[choice].remaining if choice in program.choices else ("",)
        if edge.operation not in options:
            help = did_you_mean(edge.operation, options) or f"the space offers {', '.join(options)}"
            raise fail("N0502", f"{place} has an operation `{edge.operation}`", help=help)
