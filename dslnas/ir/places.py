"""The instances of cells in a network, and what can be removed from each."""

from __future__ import annotations

from dataclasses import dataclass

from .graph import CellKind, GraphNode, Program
from .names import node_id
from .walk import Chosen, walk

# What can go from an instance of a cell: a node by its name, an edge by its source and its node, channels by
# the number of their unit (`channels.py`).
Part = str | tuple[str, str] | int


@dataclass(frozen=True)
class Place:
    """An instance of a cell: its name as in `Position.place`, its call, its kind, its graph in the program.

    nodes: those that can be removed; none of a cell with nodes that the space has fixed.
    """

    name: str
    call: str
    kind: str
    graph: str
    nodes: tuple[str, ...]


def places(program: Program, chosen: Chosen) -> tuple[Place, ...]:
    """The instances of cells in the network that a policy leaves, in the order of the network."""
    calls = (step.node for step in walk(program.network, chosen) if step.node.kind == "call")
    found = []
    for call in calls:
        kind = program.kinds[program.cells[call.cell].kind]
        found.append(_place(call, kind))
    return tuple(found)


def _place(call: GraphNode, kind: CellKind) -> Place:
    nodes = () if kind.fixed else kind.nodes
    return Place(f"network/{call.id}", call.id, kind.name, call.cell, nodes)


def edges_of(program: Program, chosen: Chosen, place: Place) -> tuple[tuple[str, str], ...]:
    """The kept edges into the nodes of an instance of a cell: the source and the node of each."""
    kept = (program.selections[node_id(place.kind, node)] for node in place.nodes)
    return tuple(
        (source, one.node) for one in kept for source in one.sources if source in chosen.sources[one.id]
    )
