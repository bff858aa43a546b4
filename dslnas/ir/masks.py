"""Masked networks: what every node or edge of every instance of a cell hands on is multiplied by a mask.

A mask of a node multiplies what it adds to others: the terms of the edges from it, after their operations,
and what else reads it, such as the concatenation of its cell. A mask of an edge multiplies its term alone.
Neither stands before the operations on edges, whose norms would undo it. So a mask of 1 changes nothing and
one of 0 removes the part: a network with masks of 0 and 1 computes what the network of `ir/positions.py`
computes with the same weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .graph import CellKind, Graph, GraphNode, Program
from .names import node_id
from .places import Part, Place, edges_of, places
from .positions import free_number, in_order, last_input, on_edge, recalled, stand_in
from .walk import Chosen, Step, walk


@dataclass(frozen=True)
class Masked:
    """The masks of one instance of a cell: a number for each of `parts`, its nodes or its edges.

    sources: of each node, in the order of its terms. output: the nodes that the cell hands out.
    """

    place: Place
    parts: tuple[Part, ...]
    sources: Mapping[str, tuple[str, ...]]
    output: tuple[str, ...]

    def alive(self, masks: Mapping[Part, float]) -> frozenset[str]:
        """The nodes that are there: with no mask of 0, and an edge, with none either, from what is there."""
        alive: dict[str, bool] = {}
        for node in self.place.nodes:
            led = (
                masks.get((source, node)) != 0.0 and alive.get(source, True) for source in self.sources[node]
            )
            alive[node] = masks.get(node) != 0.0 and any(led)
        return frozenset(node for node, lives in alive.items() if lives)


def weights_of_terms(place: str, node: str) -> str:
    """The name of the weights of the terms that a node adds up."""
    return f"{place}/{node}"


def weights_of_value(place: str, node: str) -> str:
    """The name of the two weights of what is handed on: of a node, and of what stands in for it."""
    return f"{place}/{node}/value"


def masked(program: Program, chosen: Chosen, of: str) -> tuple[Program, tuple[Masked, ...]]:
    """The network that a policy leaves, with masks on its `nodes` or `edges`: a program without choices, and
    what is masked.

    Every remaining sum is weighted, under the names of `weights_of_terms` and `weights_of_value`. Weights and
    their names are those of the network without masks. Raises TypeRuleError as `stand_in` does.
    """
    cells: dict[str, Graph] = {}
    renamed: dict[str, str] = {}
    found: list[Masked] = []
    for place in places(program, chosen):
        graph, kind = program.cells[place.graph], program.kinds[place.kind]
        number = free_number(place.kind, {**program.cells, **cells})
        own = _masked(graph, number, kind, chosen, place)
        cells[own.name] = own
        renamed[place.call] = own.name
        sources = {node: _kept(program, chosen, node_id(place.kind, node)) for node in place.nodes}
        parts = place.nodes if of == "nodes" else edges_of(program, chosen, place)
        found.append(Masked(place, parts, sources, kind.output))
    network = recalled(_resolved(program.network, chosen), renamed)
    return replace(program, network=network, cells=cells, choices={}, selections={}), tuple(found)


def _kept(program: Program, chosen: Chosen, selection: str) -> tuple[str, ...]:
    """The kept sources of a node, in the order of its terms."""
    kept = chosen.sources[selection]
    return tuple(source for source in program.selections[selection].sources if source in kept)


class _Names:
    """The values of a new graph by the ids of those of the old one."""

    def __init__(self) -> None:
        self.alias: dict[str, str] = {}
        self.value: dict[str, str] = {}  # of a masked node, what is handed on

    def read(self, reader: GraphNode, id: str) -> str:
        """What a node reads: the terms of edges and the operations on them, the node as it is; others what it
        hands on.
        """
        id = self.alias.get(id, id)
        return id if on_edge(reader) or reader.kind == "sum" else self.value.get(id, id)


def _masked(graph: Graph, number: int, kind: CellKind, chosen: Chosen, place: Place) -> Graph:
    entry = last_input(graph, kind)
    result = Graph(graph.kind, graph.domain, number)
    names = _Names()
    for step in in_order(graph, walk(graph, chosen, [entry]), entry):
        _take(result, step, names)
        node = step.node
        if node.id in place.nodes:
            terms = replace(node, labels=tuple(node.labels[port] for port in step.ports))
            result.remove([node.id])
            result.add(
                replace(terms, choice=weights_of_terms(place.name, node.name)),
                [names.read(node, source) for source in step.inputs],
            )
            other = stand_in(result, names.alias.get(entry, entry), node, hands_on=True)
            value = GraphNode(
                f"{node.name}_value",
                "sum",
                node.type,
                choice=weights_of_value(place.name, node.name),
                labels=("node", "instead"),
                span=node.span,
            )
            names.value[node.id] = result.add(value, [node.id, other])
    return result


def _resolved(graph: Graph, chosen: Chosen) -> Graph:
    """A graph without choices: of each the option taken, or the sum of those taken."""
    result, names = graph.empty(), _Names()
    steps = walk(graph, chosen)
    known = {step.node.id for step in steps}
    for node in graph.of_kind("input"):
        if node.id not in known:
            result.add(node)
    for step in steps:
        _take(result, step, names)
    return result


def _take(result: Graph, step: Step, names: _Names) -> None:
    """Add the node of a step; a choice of which one option is taken is that option's value."""
    node = step.node
    sources = [names.read(node, source) for source in step.inputs]
    if node.kind == "mix" and len(sources) == 1:
        names.alias[node.id] = sources[0]
    elif node.kind in ("mix", "sum"):
        result.add(replace(node, kind="primitive", primitive="add", choice="", labels=()), sources)
    else:
        result.add(node, sources)
