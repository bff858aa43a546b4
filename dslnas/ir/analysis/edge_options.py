"""The options that compete on the edges of cells, each with the nodes that compute it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..graph import ChoicePoint, Graph, GraphNode, Program
from ..names import PointName


@dataclass(frozen=True)
class EdgeOption:
    """One option of a choice on an edge: `nodes` of `graph` compute it, `result` is the id of its output."""

    point: ChoicePoint
    operation: str
    graph: Graph
    nodes: tuple[GraphNode, ...]
    result: str

    @property
    def identity(self) -> bool:
        """Whether it outputs its input unchanged."""
        return all(node.id != self.result for node in self.nodes)


def edge_options(program: Program) -> Iterator[EdgeOption]:
    """The options of all edges of a program before passes, which make options share nodes."""
    for graph in program.graphs():
        made: dict[tuple[PointName, str], list[GraphNode]] = defaultdict(list)
        for node in graph:
            for option in node.site.options:
                made[option].append(node)
        for mix in graph.of_kind("mix"):
            point = program.choices[mix.choice]
            if not point.cell:
                continue
            for operation, result in zip(mix.labels, graph.inputs(mix.id), strict=True):
                nodes = tuple(made[point.called, operation])
                yield EdgeOption(point, operation, graph, nodes, result)
