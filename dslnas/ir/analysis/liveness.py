"""Liveness in the cells of a program: which kept options and edges keep each choice point and cost alive.

A node that several edges read (an adapter, an intermediate node) counts once. So each choice point and each
cost is identified by the set of all ports through which it is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import networkx as nx

from ..graph import Graph, GraphNode, Program
from ..primitives.registry import Cost
from ..walk import Everything, step_cost, walk

# A choice point and one of its options or sources: what is read through it is alive if it is kept.
Port = tuple[str, str]
Readers = frozenset[Port]
OUTPUT: Port = ("", "output")


@dataclass(frozen=True)
class Point:
    """A mix (keeps one of its labels) or a sum (keeps `keep` of them) in a kind of cell, and its readers."""

    id: str
    cell: str
    labels: tuple[str, ...]
    keep: int
    is_sum: bool
    readers: Readers


@dataclass
class Skeleton:
    """The choice points of a program, from the output backwards, and costs grouped by their readers."""

    points: dict[str, Point] = field(default_factory=dict)
    costs: dict[Readers, Cost] = field(default_factory=dict)


def skeleton(program: Program, calls: Mapping[str, int], keep: int | None = None) -> Skeleton:
    """The choice points in the cells of a program, and the costs of their options.

    calls: how often each graph of a cell is called. Cells of one kind share their choices, so their costs
    add up under the same readers. keep: how many edges per node the method keeps (None: as the space).
    """
    found = Skeleton()
    for name, graph in program.cells.items():
        if calls.get(name):
            _add(found, program, graph, calls[name], keep)
    found.points = _in_order(found.points)
    return found


def _add(found: Skeleton, program: Program, graph: Graph, times: int, keep: int | None) -> None:
    steps = {step.node.id: step for step in walk(graph, Everything())}
    for node, readers in _readers(graph):
        if node.id not in steps:
            continue
        if node.kind in ("mix", "sum"):
            known = found.points.get(node.choice)
            readers |= known.readers if known else frozenset()
            kept = _kept(program, node, keep)
            labels = program.choices[node.choice].remaining if node.kind == "mix" else node.labels
            found.points[node.choice] = Point(
                node.choice, graph.kind, labels, kept, node.kind == "sum", readers
            )
        else:
            one, total = step_cost(graph, steps[node.id]), found.costs.get(readers, Cost())
            if one != Cost():
                found.costs[readers] = Cost(total.params + times * one.params, total.macs + times * one.macs)


def _kept(program: Program, node: GraphNode, keep: int | None) -> int:
    if node.kind == "mix":
        return 1
    kept = program.selections[node.choice].keep
    return kept if keep is None else min(keep, kept)


def _readers(graph: Graph) -> Iterator[tuple[GraphNode, Readers]]:
    """All nodes with the ports through which they are read, from the output backwards."""
    readers: dict[str, Readers] = {}
    read_by = graph.readers()
    for node in reversed(list(graph)):
        ports: set[Port] = {OUTPUT} if node.kind == "output" else set()
        for id, port in read_by[node.id]:
            reader = graph[id]
            ports |= {(reader.choice, reader.labels[port])} if reader.kind in ("mix", "sum") else readers[id]
        readers[node.id] = frozenset(ports)
        yield node, readers[node.id]


def _in_order(points: Mapping[str, Point]) -> dict[str, Point]:
    """The points in topological order, each after those that read it, otherwise in their given order."""
    order = nx.DiGraph()
    order.add_nodes_from(points)
    order.add_edges_from(
        (reader, id) for id, point in points.items() for reader, _ in point.readers if reader
    )
    position = {id: place for place, id in enumerate(points)}
    return {id: points[id] for id in nx.lexicographical_topological_sort(order, key=position.__getitem__)}
