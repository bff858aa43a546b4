"""Horizontal fusion: equal nodes of parallel branches become one over their channels side by side.

The edges that leave one node each have their own depthwise and pointwise convolutions, norms and
activations, of one shape. Packed, they are lanes of one wide tensor: a depthwise convolution of `k` lanes is
one over `k * C` channels, a pointwise one is a grouped one, and what works channel by channel stays what it
is. The arithmetic is the same; an operator is dispatched once instead of `k` times, and wide channels fill
the vector units.

A packed node lists in `labels` the nodes that are its lanes. Lanes that something else reads leave through
`slice`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..ir.graph import Graph, GraphNode, Program
from ..ir.names import NOWHERE
from ..ir.primitives import REGISTRY
from ..ir.tensortype import TensorType


def pack(program: Program) -> Program:
    """The program in which parallel branches of every cell are lanes of wide nodes."""
    return replace(program, cells={name: _Packer(graph).packed() for name, graph in program.cells.items()})


@dataclass
class _Group:
    """Nodes that may become one: the same primitive and attributes on the same groups of inputs."""

    nodes: list[GraphNode]
    inputs: tuple[Hashable, ...]
    kept: bool = False


class _Packer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.order = list(graph)
        self.inputs = {node.id: graph.inputs(node.id) for node in self.order}
        self.waves = waves(graph)
        self.numbers: dict[Hashable, int] = {}
        self.key: dict[str, int] = {}  # of each node that may be a lane: its group
        self.groups: dict[int, _Group] = {}
        self._find_groups()
        self._choose_groups()

    def _way_out(self) -> dict[str, int]:
        """A number for each node that may be a lane: equal where the same primitives lead to the same option.

        Lanes with the same way out stay together up to a mix. A node with another reader on its way has none.
        """
        known: dict[str, int] = {}
        readers: dict[str, list[tuple[GraphNode, int]]] = defaultdict(list)
        for node in self.order:
            for port, source in enumerate(self.inputs[node.id]):
                readers[source].append((node, port))
        for node in reversed(self.order):
            if node.kind != "primitive" or not REGISTRY[node.primitive].lanes:
                continue
            ways = [self._step_out(reader, port, known) for reader, port in readers[node.id]]
            if None not in ways:
                known[node.id] = self._number((node.primitive, node.attributes, node.type, *ways))
        return known

    def _number(self, key: Hashable) -> int:
        """A number for each key: keys are nested deeply, and hashed often."""
        return self.numbers.setdefault(key, len(self.numbers))

    def _step_out(self, reader: GraphNode, port: int, known: Mapping[str, int]) -> Hashable:
        if reader.kind == "mix":
            return reader.labels[port]
        return (port, known[reader.id]) if reader.id in known else None

    def _find_groups(self) -> None:
        ways = self._way_out()
        for node in self.order:
            if node.id not in ways:
                continue
            sources = self.inputs[node.id]
            inputs = tuple(self.key.get(source, ("raw", self.waves[source])) for source in sources)
            read = tuple(self.graph[source].type for source in sources)
            key = self._number((ways[node.id], inputs, read, self._distinct(sources)))
            self.key[node.id] = key
            self.groups.setdefault(key, _Group([], inputs)).nodes.append(node)

    def _distinct(self, sources: Sequence[str]) -> tuple[int, ...]:
        """Which inputs of a node are the same value: `x * x` is no lane of `x * y`."""
        return tuple(sources.index(source) for source in sources)

    def _choose_groups(self) -> None:
        """Keep the groups that save calls: those on lanes that are packed already, and weights that fan out
        from a value.
        """
        for group in self.groups.values():  # in the order of the graph: inputs are decided first
            packed = any(key in self.groups and self.groups[key].kept for key in group.inputs)
            sources = {source for node in group.nodes for source in self.inputs[node.id]}
            fans_out = len(sources) < len(group.nodes) and not REGISTRY[group.nodes[0].primitive].stateless
            group.kept = len(group.nodes) > 1 and (packed or fans_out)

    # --- the new graph -------------------------------------------------------------------------------------

    def packed(self) -> Graph:
        """The graph with its groups packed, each node after those it reads."""
        self.result = self.graph.empty()
        self.new_id: dict[str, str] = {}
        self.wide_id: dict[Hashable, str] = {}
        for node in self.order:
            if not self._in_kept_group(node.id):  # lanes leave where something reads them
                self._emit(node.id)
        return self.result

    def _in_kept_group(self, id: str) -> bool:
        return id in self.key and self.groups[self.key[id]].kept

    def _emit(self, id: str) -> str:
        """Add a node, or the slice that it is of a packed one, with all it reads; returns its new id."""
        if id not in self.new_id:
            if self._in_kept_group(id):
                self.new_id[id] = self._slice(id, self.groups[self.key[id]])
            else:
                self.new_id[id] = self.result.add(self.graph[id], [self._emit(s) for s in self.inputs[id]])
        return self.new_id[id]

    def _slice(self, id: str, group: _Group) -> str:
        node = self.graph[id]
        lane = [lane.id for lane in group.nodes].index(id)
        channels = node.type.shape[0]
        attributes = (("first", lane * channels), ("out", node.type.channels))
        sliced = replace(node, kind="primitive", primitive="slice", attributes=attributes)
        return self.result.add(sliced, [self._wide(self.key[id], group)])

    def _wide(self, key: int, group: _Group) -> str:
        """Add the packed node of a group with all it reads; returns its id."""
        if key not in self.wide_id:
            places = range(len(group.inputs))
            read = [self._lanes([self.inputs[node.id][place] for node in group.nodes]) for place in places]
            self.wide_id[key] = self.result.add(_packed_node(group.nodes), read)
        return self.wide_id[key]

    def _lanes(self, sources: Sequence[str]) -> str:
        """The value that has these values as its lanes: a packed node as it is, or a concatenation."""
        if self._in_kept_group(sources[0]):
            key = self.key[sources[0]]
            if [node.id for node in self.groups[key].nodes] == list(sources):
                return self._wide(key, self.groups[key])
        gathered = ("gathered", *sources)
        if gathered not in self.wide_id:
            read = [self._emit(source) for source in sources]  # which may gather others
            node = self.graph[sources[0]]
            name = f"gathered {len(self.wide_id) + 1}"  # the same first one may begin several
            wide = GraphNode(name, "primitive", _wider(node.type, len(sources)), "concat")
            self.wide_id[gathered] = self.result.add(wide, read)
        return self.wide_id[gathered]


def _packed_node(nodes: Sequence[GraphNode]) -> GraphNode:
    """One node for nodes that differ in their inputs and weights alone."""
    first, count = nodes[0], len(nodes)
    attributes = dict(first.attributes)
    if "groups" in attributes:
        attributes |= {"groups": attributes["groups"] * count, "out": attributes["out"].scaled(count)}
    return replace(
        first,
        name=f"{first.id} ×{count}",
        site=NOWHERE,
        type=_wider(first.type, count),
        attributes=tuple(attributes.items()),
        labels=tuple(node.id for node in nodes),
    )


def _wider(type: TensorType, lanes: int) -> TensorType:
    return replace(type, channels=type.channels.scaled(lanes))


def waves(graph: Graph) -> dict[str, int]:
    """The wave of each node: the sums on the longest way to it. Nodes computed together are of one wave."""
    wave: dict[str, int] = {}
    for node in graph:
        before = max((wave[source] for source in graph.inputs(node.id)), default=0)
        wave[node.id] = before + (node.kind == "sum")
    return wave


def lanes_of(graph: Graph) -> Mapping[str, tuple[str, int]]:
    """For each slice of a packed node: that node, and which of its lanes."""
    lanes = {}
    for node in graph:
        if node.primitive == "slice":
            (source,) = graph.inputs(node.id)
            if node.id in graph[source].labels:
                lanes[node.id] = (source, graph[source].labels.index(node.id))
    return lanes
