"""Liveness in the cells of a program: which kept options and edges keep each choice point and cost alive.

A node that several edges read (an adapter, an intermediate node) counts once. So each choice point and each
cost is identified by the set of all ports through which it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import comb

import networkx as nx

from ..graph import Graph, GraphNode, Keep, Program, Selection
from ..primitives.registry import Cost
from ..walk import Everything, step_cost, walk

# A choice point and one of its options or sources: what is read through it is alive if it is kept.
Port = tuple[str, str]
Readers = frozenset[Port]
OUTPUT: Port = ("", "output")
AS_THE_SPACE = Keep()


@dataclass(frozen=True)
class Point:
    """A mix (keeps one of its labels) or a sum (keeps `fewest` to `keep` of them) in a kind of cell.

    pairs: where a method keeps pairs of an edge and an option, a sum has a label for each; this is the pair
    of each label. readers: the ports through which it is read.
    """

    id: str
    cell: str
    labels: tuple[str, ...]
    keep: int
    is_sum: bool
    readers: Readers
    fewest: int = 1
    pairs: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def ways(self) -> int:
        """How many sets of labels it may keep."""
        return sum(comb(len(self.labels), count) for count in range(self.fewest, self.keep + 1))

    def opened(self, labels: Iterable[str]) -> list[Port]:
        """The ports through which something is read once these labels are kept."""
        ports = [(self.id, label) for label in labels]
        return [*ports, *((self.id, self.pairs[label].source) for label in labels if label in self.pairs)]


@dataclass(frozen=True)
class Pair:
    """An edge into a node, by its source and its choice point, and one of its options."""

    source: str
    choice: str
    option: str

    @property
    def label(self) -> str:
        """The pair as a label of the sum: `sep_conv(a)`, which is no name of a source."""
        return f"{self.option}({self.source})"


def pairs_of(program: Program, selection: Selection) -> dict[str, Pair]:
    """The pairs of each edge of a node and an option that may remain, by label, in order."""
    pairs = (
        Pair(source, choice, option)
        for source, choice in zip(selection.sources, selection.edges, strict=True)
        if choice
        for option in program.choices[choice].remaining
    )
    return {pair.label: pair for pair in pairs}


@dataclass
class Skeleton:
    """The choice points of a program, from the output backwards, and costs grouped by their readers."""

    points: dict[str, Point] = field(default_factory=dict)
    costs: dict[Readers, Cost] = field(default_factory=dict)


def skeleton(program: Program, calls: Mapping[str, int], keep: Keep = AS_THE_SPACE) -> Skeleton:
    """The choice points in the cells of a program, and the costs of their options.

    calls: how often each graph of a cell is called. Cells of one kind share their choices, so their costs
    add up under the same readers. keep: what the method keeps of the edges into a node. Where it keeps pairs,
    the choice of a whole edge is part of the sum that reads it, and no point.
    """
    found = Skeleton()
    pairs = {id: pairs_of(program, one) if keep.pairs else {} for id, one in program.selections.items()}
    joined = {
        (pair.choice, option): (id, Pair(pair.source, pair.choice, option).label)
        for id, of_node in pairs.items()
        for pair in of_node.values()
        for option in program.choices[pair.choice].options
    }
    for name, graph in program.cells.items():
        if calls.get(name):
            _add(found, program, graph, calls[name], keep, pairs, joined)
    found.points = _in_order(found.points)
    return found


def _add(
    found: Skeleton,
    program: Program,
    graph: Graph,
    times: int,
    keep: Keep,
    pairs: Mapping[str, Mapping[str, Pair]],
    joined: Mapping[Port, Port],
) -> None:
    steps = {step.node.id: step for step in walk(graph, Everything())}
    inside = {choice for choice, _ in joined}
    for node, readers in _readers(graph, joined):
        if node.id not in steps or node.choice in inside:
            continue
        if node.kind in ("mix", "sum"):
            known = found.points.get(node.choice)
            readers |= known.readers if known else frozenset()
            found.points[node.choice] = (
                Point(node.choice, graph.kind, program.choices[node.choice].remaining, 1, False, readers)
                if node.kind == "mix"
                else _sum(program.selections[node.choice], graph.kind, keep, readers, pairs[node.choice])
            )
        else:
            one, total = step_cost(graph, steps[node.id]), found.costs.get(readers, Cost())
            if one != Cost():
                found.costs[readers] = Cost(total.params + times * one.params, total.macs + times * one.macs)


def _sum(selection: Selection, kind: str, keep: Keep, readers: Readers, pairs: Mapping[str, Pair]) -> Point:
    kept = keep.of(selection)
    chosen = {pair.source for pair in pairs.values()}
    labels = (*pairs, *(source for source in selection.sources if source not in chosen))
    return Point(selection.id, kind, labels, kept, True, readers, 1 if keep.fewer else kept, pairs)


def _readers(graph: Graph, joined: Mapping[Port, Port]) -> Iterator[tuple[GraphNode, Readers]]:
    """All nodes with the ports through which they are read, from the output backwards.

    joined: the ports of options that are read through a port of their node instead.
    """
    readers: dict[str, Readers] = {}
    read_by = graph.readers()
    for node in reversed(list(graph)):
        ports: set[Port] = {OUTPUT} if node.kind == "output" else set()
        for id, port in read_by[node.id]:
            reader = graph[id]
            if reader.kind in ("mix", "sum"):
                own = (reader.choice, reader.labels[port])
                ports.add(joined.get(own, own))
            else:
                ports |= readers[id]
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
