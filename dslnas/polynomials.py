"""The polynomial weights of a program: of the layers whose outputs a product multiplies. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .graph import Graph, Program
from .primitives import REGISTRY

LAYERS = ("conv", "dwconv", "linear")

# For each graph by its name the ids of its polynomial layers.
PolynomialLayers = Mapping[str, frozenset[str]]


def polynomial_layers(program: Program) -> PolynomialLayers:
    """The layers whose outputs meet in a product, directly or bent, normed or summed on their way.

    Where the product stands in an option of a choice, only layers of that option count: what an operation is
    applied to is not part of it.
    """
    return {graph.name: frozenset(_factors(graph)) for graph in program.graphs()}


def _factors(graph: Graph) -> Iterator[str]:
    products = [node.id for node in graph if node.kind == "primitive" and REGISTRY[node.primitive].multiplies]
    seen: set[str] = set()
    frontier = [source for product in products for source in _read_inside(graph, product)]
    while frontier:
        id = frontier.pop()
        node = graph[id]
        if id in seen or node.kind != "primitive":
            continue
        seen.add(id)
        if node.primitive in LAYERS:
            yield id
        else:
            frontier += _read_inside(graph, id)


def _read_inside(graph: Graph, id: str) -> list[str]:
    """What a node reads inside of its own option."""
    return [source for source in graph.inputs(id) if _option(source) == _option(id)]


def _option(id: str) -> str:
    """The option that a node stands in; empty outside of all."""
    return id.rpartition("/")[0]
