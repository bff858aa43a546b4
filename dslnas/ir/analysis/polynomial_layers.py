"""Finds the polynomial weights of a program: layers whose outputs are multiplied, scales of products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..graph import Graph, Program
from ..primitives import REGISTRY

LAYERS = ("conv", "dwconv", "linear")
SCALES = ("scaled", "weighted")

# Name of a graph -> the ids of its polynomial layers.
PolynomialLayers = Mapping[str, frozenset[str]]


def polynomial_layers(program: Program) -> PolynomialLayers:
    """The layers whose outputs are multiplied, and the scales of a product or of its factors.

    In between there may be activations, norms and sums. If the product is in an option of a choice, only
    layers of that option count: the input of an operation is not part of it.
    """
    return {graph.name: frozenset(_polynomial(graph)) for graph in program.graphs()}


def _polynomial(graph: Graph) -> Iterator[str]:
    products = [node.id for node in graph if _multiplies(graph, node.id)]
    for id in _before(graph, products):
        if graph[id].primitive in (*LAYERS, *SCALES):
            yield id
    for node in graph:
        if node.primitive in SCALES and any(_multiplies(graph, id) for id in _before(graph, [node.id])):
            yield node.id


def _multiplies(graph: Graph, id: str) -> bool:
    node = graph[id]
    return node.kind == "primitive" and REGISTRY[node.primitive].multiplies


def _before(graph: Graph, ids: Iterable[str]) -> Iterator[str]:
    """The primitives before nodes inside of their option, back to the nearest layer on each way."""
    seen: set[str] = set()
    frontier = [source for id in ids for source in _read_inside(graph, id)]
    while frontier:
        id = frontier.pop()
        node = graph[id]
        if id in seen or node.kind != "primitive":
            continue
        seen.add(id)
        yield id
        if node.primitive not in LAYERS:
            frontier += _read_inside(graph, id)


def _read_inside(graph: Graph, id: str) -> list[str]:
    """The inputs of a node inside of its own option."""
    return [source for source in graph.inputs(id) if graph[source].site == graph[id].site]
