"""Folds the mixing of candidates into the sums of nodes: one weighted sum over lanes for several nodes.

A node computes `sum_e gamma_e sum_o alpha_eo x_eo`, over its edges `e` and their candidates `o`. Written
with the products `gamma_e alpha_eo` it needs no mixture of a single edge. All nodes that read from values of
one wave (which are known at the same time) are the targets of one *blend*: its lanes are their sums, and it
reads packed values as they are, without taking them apart. A node that reads from several waves adds the
sums of each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..ir.graph import BlendPort, Graph, GraphNode, Program, Weight
from ..ir.names import edge_id
from .pack import lanes_of, waves


def blend(program: Program) -> Program:
    """The program in which sums over mixed edges are blends."""
    return replace(program, cells={name: _Blender(graph).blended() for name, graph in program.cells.items()})


@dataclass(frozen=True)
class _Term:
    """An option of an edge: the value, the sum that it goes into, and what weighs it there."""

    value: str
    target: str
    weight: Weight


class _Blender:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.lanes = lanes_of(graph)
        self.parts: dict[str, list[str]] = defaultdict(list)  # of a sum: the values that it adds up now
        self.blends: list[tuple[GraphNode, list[str]]] = []
        self.targets: dict[str, tuple[GraphNode, str]] = {}
        self._find()

    def _find(self) -> None:
        """Decide the blends: one for each wave of sources and type of the nodes that read them."""
        wave = waves(self.graph)
        terms: dict[tuple[int, str], list[_Term]] = defaultdict(list)
        for node in _foldable(self.graph):
            for port, mix in enumerate(self.graph.inputs(node.id)):
                choice = self.graph[mix].choice
                terms[wave[mix], str(node.type)] += [
                    _Term(value, node.id, Weight(node.choice, port, choice, option))
                    for option, value in enumerate(self.graph.inputs(mix))
                ]
        for together in terms.values():
            self._make(together)

    def _make(self, terms: Sequence[_Term]) -> None:
        targets = list(dict.fromkeys(term.target for term in terms))
        values, ports = self._ports(terms, targets)
        type = self.graph[targets[0]].type
        made = GraphNode(
            f"blend {len(self.blends) + 1}",
            "blend",
            replace(type, channels=type.channels.scaled(len(targets))),
            attributes=(("cell", self.graph.kind), ("targets", len(targets)), ("ports", tuple(ports))),
        )
        self.blends.append((made, values))
        for lane, target in enumerate(targets):
            part = GraphNode(f"{target} of {made.id}", "target", type, attributes=(("lane", lane),))
            self.targets[part.id] = part, made.id
            self.parts[target].append(part.id)

    def _ports(self, terms: Sequence[_Term], targets: list[str]) -> tuple[list[str], list[BlendPort]]:
        """The values that a blend reads, each once, and the targets and weights of the lanes of each."""
        by_value: dict[str, list[_Term]] = defaultdict(list)
        for term in terms:
            by_value[term.value].append(term)
        packed: dict[str, dict[int, _Term]] = defaultdict(dict)
        for value, uses in by_value.items():
            if value in self.lanes and len(uses) == 1:
                source, lane = self.lanes[value]
                packed[source][lane] = uses[0]
        whole = {source for source, lanes in packed.items() if len(lanes) == len(self.graph[source].labels)}
        values: list[str] = []
        ports: list[BlendPort] = []
        for value, uses in by_value.items():
            source, _ = self.lanes.get(value, ("", 0))
            if source not in whole:
                for once in _without_repeats(uses):
                    values.append(value)
                    ports.append(_port("broadcast", once, targets))
            elif source not in values:
                values.append(source)
                ports.append(
                    _port("lanes", [packed[source][lane] for lane in sorted(packed[source])], targets)
                )
        return values, ports

    # --- the new graph -------------------------------------------------------------------------------------

    def blended(self) -> Graph:
        """The graph with its sums as blends, each node after those it reads."""
        gone = {mix for sum in self.parts for mix in self.graph.inputs(sum)}
        self.nodes: dict[str, tuple[GraphNode, list[str]]] = {
            node.id: (node, self.graph.inputs(node.id)) for node in self.graph if node.id not in gone
        }
        for target, parts in self.parts.items():
            node = self.graph[target]
            self.nodes[target] = GraphNode(target, "primitive", node.type, "add", span=node.span), parts
        self.nodes |= {node.id: (node, values) for node, values in self.blends}
        self.nodes |= {id: (node, [source]) for id, (node, source) in self.targets.items()}
        self.result = self.graph.empty()
        for node in self.graph:
            if node.kind == "input":
                self._emit(node.id)
        self._emit(self.graph.output.id)
        return self.result

    def _emit(self, id: str) -> None:
        if id in self.result:
            return
        node, inputs = self.nodes[id]
        for source in inputs:
            self._emit(source)
        self.result.add(node, inputs)


def _foldable(graph: Graph) -> list[GraphNode]:
    """The sums whose inputs are all the choices of their edges, read by nothing else."""
    readers = Counter(source for node in graph for source in graph.inputs(node.id))
    foldable = []
    for node in graph.of_kind("sum"):
        mixes = [graph[source] for source in graph.inputs(node.id)]
        of_edges = [edge_id(graph.kind, node.name, label) for label in node.labels]
        alone = all(readers[mix.id] == 1 for mix in mixes)
        if alone and [mix.choice for mix in mixes if mix.kind == "mix"] == of_edges:
            foldable.append(node)
    return foldable


def _without_repeats(terms: Sequence[_Term]) -> list[list[_Term]]:
    """The terms of one value in lists that name each target once."""
    lists: list[list[_Term]] = []
    for term in terms:
        fitting = next((one for one in lists if all(term.target != other.target for other in one)), None)
        if fitting is None:
            lists.append(fitting := [])
        fitting.append(term)
    return lists


def _port(kind: str, terms: Sequence[_Term], targets: list[str]) -> BlendPort:
    places = tuple(targets.index(term.target) for term in terms)
    return BlendPort(kind == "lanes", places, tuple(term.weight for term in terms))
