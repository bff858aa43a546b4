"""Common subexpression elimination: equal weightless operations on one input become one.

Edges that leave one source share its activations, pools and their norms, shifts and skips. What has trainable
weights is never shared. A batch norm without weights gives the same for the same input, so it may be: its
running statistics see the same batches.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from ..ir.graph import Graph, GraphNode, Program
from ..ir.primitives import REGISTRY


def share(program: Program) -> Program:
    """The program in which every graph computes equal weightless nodes once."""
    cells = {name: _share(graph) for name, graph in program.cells.items()}
    return replace(program, network=_share(program.network), cells=cells)


def _share(graph: Graph) -> Graph:
    result = graph.empty()
    kept = representatives(graph)
    for node in graph:
        if kept[node.id] == node.id:
            result.add(node, (kept[source] for source in graph.inputs(node.id)))
    return result


def representatives(graph: Graph) -> dict[str, str]:
    """For each node of a graph the one that computes its value after sharing: itself, or an equal one before
    it, whose weights and statistics it then has.
    """
    kept: dict[str, str] = {}
    known: dict[Hashable, str] = {}
    for node in graph:
        inputs = tuple(kept[source] for source in graph.inputs(node.id))
        key = (node.primitive, node.attributes, inputs) if weightless(node) else node.id
        kept[node.id] = known.setdefault(key, node.id)
    return kept


def weightless(node: GraphNode) -> bool:
    """Whether a node computes the same from the same input wherever it stands."""
    if node.kind != "primitive":
        return False
    primitive = REGISTRY[node.primitive]
    return primitive.stateless or dict(node.attributes).get("affine") is False
