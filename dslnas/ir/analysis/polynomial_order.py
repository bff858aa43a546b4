"""The polynomial order of operations, cells and networks, and a warning for unbounded products.

The order of a tensor is its degree as a polynomial in the input, with activations, norms and pools counted as
the identity: a sum has the highest order of its terms, a product the sum of the orders of its factors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...base.diagnostics import Diagnostic
from ..graph import Graph, GraphNode, Program
from ..primitives import REGISTRY
from .edge_options import EdgeOption, edge_options


@dataclass(frozen=True)
class Order:
    """The highest orders over all architectures.

    operations: of each option on an edge, in its input. cells: of each kind of cell, in its inputs.
    network: of the deepest path, in the input of the network.
    """

    operations: Mapping[str, int]
    cells: Mapping[str, int]
    network: int


def order_of(program: Program) -> Order:
    """The orders of a program before passes, which make options share nodes."""
    network = program.network
    operations: dict[str, int] = defaultdict(int)
    for option in edge_options(program):
        order = order_of_option(program, option)
        operations[option.operation] = max(operations[option.operation], order)
    cells: dict[str, int] = defaultdict(int)
    for graph in program.cells.values():
        cells[graph.kind] = max(cells[graph.kind], _Orders(program).of_graph(graph, [1] * _inputs(graph)))
    return Order(dict(operations), dict(cells), _Orders(program).of_graph(network, [1] * _inputs(network)))


def order_of_option(program: Program, option: EdgeOption) -> int:
    """The order of an option in its input."""
    return _Orders(program).of_nodes(option.graph, option.nodes, {}).get(option.result, 1)


def _inputs(graph: Graph) -> int:
    return len(graph.of_kind("input"))


class _Orders:
    """Computes the orders of graphs, cached by the orders of their inputs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.known: dict[tuple[str, tuple[int, ...]], int] = {}

    def of_graph(self, graph: Graph, inputs: Sequence[int]) -> int:
        """The order of a graph's output, given those of its inputs."""
        key = (graph.name, tuple(inputs))
        if key not in self.known:
            given = dict(zip((node.id for node in graph.of_kind("input")), inputs, strict=True))
            self.known[key] = self.of_nodes(graph, list(graph), given)["output"]
        return self.known[key]

    def of_nodes(self, graph: Graph, nodes: Sequence[GraphNode], given: Mapping[str, int]) -> dict[str, int]:
        """The orders of nodes, given in topological order; 1 for inputs neither given nor among them."""
        orders = dict(given)
        for node in nodes:
            read = [orders.get(source, 1) for source in graph.inputs(node.id)]
            if node.kind == "call":
                orders[node.id] = self.of_graph(self.program.cells[node.cell], read)
            elif node.kind == "primitive" and REGISTRY[node.primitive].multiplies:
                orders[node.id] = sum(read)
            elif node.kind != "input":
                orders[node.id] = max(read, default=1)
        return orders


def unbounded_products(program: Program) -> list[Diagnostic]:
    """A warning for each product of complex tensors that is used before its values are bounded."""
    return [
        Diagnostic(
            "N0310",
            "this product of complex tensors is unbounded",
            node.span,
            help="bound it before it is used: `-> bounded`",
            severity="warning",
        )
        for graph in program.graphs()
        for node in graph
        if node.kind == "primitive" and REGISTRY[node.primitive].multiplies
        if node.type.domain == "complex" and not _is_bounded(graph, node)
    ]


def _is_bounded(graph: Graph, node: GraphNode) -> bool:
    readers = [graph[id] for id, _ in graph.readers()[node.id]]
    return all(one.kind == "primitive" and REGISTRY[one.primitive].bounded for one in readers)
