"""The graph IR: typed dataflow graphs.

A program has one graph for the network and one for each use of a cell (by input types and channels);
cells of one kind share their choice points, never their weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from ..base.source import Span
from .genotype import Node
from .names import NOWHERE, PointName, Site, node_id, value_id
from .tensortype import Domain, TensorType

RECOMPUTE = (("recompute", True),)  # the attributes of a call that is recomputed in the backward pass

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Varies = Literal["depth", "channels", "size", "front end"]
Kind = Literal["input", "primitive", "mix", "sum", "dropout", "blend", "target", "call", "output"]


@dataclass(frozen=True)
class GraphNode:
    """One value of the graph.

    name: unique at its site; site: the edge, `let` and options that contain it; variant: the options of the
    network's earlier stages for which it exists. The id is made of all three.

    The kinds:
    primitive: a primitive applied to the inputs.
    mix: one option per input, `choice` names the choice point.
    sum: the sum of the inputs, weighted in a supernet; `choice` names the selection that keeps some of them.
    dropout: its input with dropout in training; made by a pass for a supernet.
    blend: several such sums over mixes at once, side by side in the channels; made by a pass for a supernet,
    with the attributes `cell` (the kind of cell whose selections weight them), `targets` (how many sums) and
    `ports` (a `BlendPort` for each input).
    target: one of these sums, by the attribute `lane`.
    call: a cell, `cell` names its graph in the program.

    labels: one name per input of a mix or a sum; the nodes that a packed primitive stands for.
    """

    name: str
    kind: Kind
    type: TensorType
    primitive: str = ""
    attributes: tuple[tuple[str, Any], ...] = ()
    choice: str = ""
    cell: str = ""
    labels: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    site: Site = NOWHERE
    variant: tuple[tuple[PointName, str], ...] = ()

    @cached_property
    def id(self) -> str:
        """The id in its graph, of its name, site and variant."""
        return value_id(self.name, self.site, self.variant)

    def at(self, site: Site) -> GraphNode:
        """The same value at another site."""
        moved = object.__new__(GraphNode)  # `replace` takes five times as long, and large spaces copy a lot
        vars(moved).update(vars(self), site=site, id=value_id(self.name, site, self.variant))
        return moved


@dataclass(frozen=True)
class Weight:
    """The weight of a term in a blend: that of edge `port` of a selection times that of an option."""

    selection: str
    port: int
    choice: str
    option: int


@dataclass(frozen=True)
class BlendPort:
    """The targets of one input of a blend.

    by_lane: the input has one lane per entry of `targets` and is added lane by lane; else it is added whole
    to each of them.
    weights: one for each entry of `targets`.
    """

    by_lane: bool
    targets: tuple[int, ...]
    weights: tuple[Weight, ...]


class Graph:
    """A directed acyclic multigraph of `GraphNode`s; each node reads others by numbered input ports.

    It stores the inputs of each node; `nx` converts it for graph algorithms, and imports networkx only then.

    kind: the kind of cell, `network`, or `input` for a front end. number: counts the graphs of one kind of
    cell, from 1; None if there can only be one. name: both, such as `normal:1`.
    """

    def __init__(self, kind: str, domain: Domain, number: int | None = None) -> None:
        self.kind = kind
        self.domain = domain
        self.number = number
        self.name = kind if number is None else f"{kind}:{number}"
        self._nodes: dict[str, GraphNode] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}

    def empty(self) -> Graph:
        """A graph of the same kind and name, without nodes."""
        return Graph(self.kind, self.domain, self.number)

    def add(self, node: GraphNode, inputs: Iterable[str] = ()) -> str:
        """Add a node that reads `inputs`, ids of earlier nodes, in order; returns its id."""
        assert node.id not in self._nodes, f"{node.id} exists in {self.name}"
        sources = tuple(inputs)
        for source in sources:
            assert source in self._nodes, f"{source} comes after {node.id} in {self.name}"
        self._nodes[node.id], self._inputs[node.id] = node, sources
        return node.id

    def remove(self, ids: Iterable[str]) -> None:
        """Remove nodes that no remaining node reads."""
        for id in list(ids):
            del self._nodes[id], self._inputs[id]

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    def __getitem__(self, id: str) -> GraphNode:
        return self._nodes[id]

    def __iter__(self) -> Iterator[GraphNode]:
        """The nodes in the order of addition, which is topological: each after those it reads."""
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def ids(self) -> Iterable[str]:
        """The ids of the nodes, in the order of these."""
        return self._nodes.keys()

    def inputs(self, id: str) -> list[str]:
        """The ids that a node reads, by port."""
        return list(self._inputs[id])

    def ancestors(self, id: str) -> set[str]:
        """The ids of all nodes that a node reads, directly or through others."""
        found: set[str] = set()
        frontier = [id]
        while frontier:
            new = set(self._inputs[frontier.pop()]) - found
            found |= new
            frontier += new
        return found

    def readers(self) -> dict[str, list[tuple[str, int]]]:
        """For each id the (node, port) pairs that read it."""
        readers: dict[str, list[tuple[str, int]]] = {id: [] for id in self._nodes}
        for id, sources in self._inputs.items():
            for port, source in enumerate(sources):
                readers[source].append((id, port))
        return readers

    @property
    def nx(self) -> MultiDiGraph:
        """A frozen copy as a networkx multigraph; the keys of edges are ports."""
        import networkx as nx

        graph = nx.MultiDiGraph()
        graph.add_nodes_from(self._nodes)
        graph.add_edges_from(
            (source, id, port) for id, found in self._inputs.items() for port, source in enumerate(found)
        )
        return nx.freeze(graph)

    def of_kind(self, kind: Kind) -> list[GraphNode]:
        """The nodes of one kind, in order."""
        return [node for node in self if node.kind == kind]

    @property
    def output(self) -> GraphNode:
        """The output node."""
        return next(node for node in reversed(self._nodes.values()) if node.kind == "output")


@dataclass(frozen=True)
class ChoicePoint:
    """A place where options compete, such as an edge of a cell.

    arguments: the searched arguments of an operation whose combinations are the options, if any.
    varies: the property of the network after it that depends on the option, if any: a sampled method can
    search such a choice, a relaxed one cannot.
    zeros: the options of an edge that output only zeros, such as `none` of DARTS. They compete, but are never
    in the result.
    skips: the options of an edge that are the identity.
    """

    called: PointName
    options: tuple[str, ...]
    varies: Varies | None = None
    zeros: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> str:
        """The id in its program."""
        return self.called.id

    @property
    def cell(self) -> str:
        """The kind of cell if the choice is a whole edge, else empty, as are `node` and `source`."""
        return self.called.owner if self.called.is_edge else ""

    @property
    def node(self) -> str:
        """The node that the edge leads to."""
        return self.called.site.node if self.called.is_edge else ""

    @property
    def source(self) -> str:
        """The node or cell input that the edge comes from."""
        return self.called.site.source if self.called.is_edge else ""

    @property
    def remaining(self) -> tuple[str, ...]:
        """The options that may be in the result: all except zeros, unless there are only zeros."""
        return tuple(option for option in self.options if option not in self.zeros) or self.options


@dataclass(frozen=True)
class Selection:
    """A node of a cell of whose incoming edges `keep` remain.

    edges: the choice point on each edge, in the order of `sources`; empty for an edge without one.
    """

    cell: str
    node: str
    sources: tuple[str, ...]
    edges: tuple[str, ...]
    keep: int

    @cached_property
    def id(self) -> str:
        """The id in its program: `normal/n1`."""
        return node_id(self.cell, self.node)


@dataclass(frozen=True)
class Keep:
    """What a method keeps of the edges into a node.

    most: how many remain; None: as many as the space keeps.
    pairs: counted are pairs of an edge and one of its options, so that several options of an edge may remain.
    fewer: weak edges are left out, so that fewer may remain, and at least one.
    """

    most: int | None = None
    pairs: bool = False
    fewer: bool = False

    def of(self, selection: Selection) -> int:
        """How many remain at most of the edges, or pairs, of a selection."""
        return selection.keep if self.most is None else min(self.most, selection.keep)


@dataclass(frozen=True)
class CellKind:
    """The structure of a kind of cell, as in its genotype: sources of edges, nodes, nodes in its output.

    fixed: the nodes whose edges the space has already decided.
    """

    name: str
    inputs: tuple[str, ...]
    nodes: tuple[str, ...]
    output: tuple[str, ...]
    fixed: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Program:
    """A whole network with its choice points."""

    space: str
    network: Graph
    cells: Mapping[str, Graph]
    kinds: Mapping[str, CellKind]
    choices: Mapping[str, ChoicePoint]
    selections: Mapping[str, Selection]

    def graphs(self) -> Iterator[Graph]:
        """The graph of the network, then those of the cells."""
        yield self.network
        yield from self.cells.values()


def recomputed(call: GraphNode) -> bool:
    """Whether the cell of a call is recomputed in the backward pass."""
    return call.attributes == RECOMPUTE
