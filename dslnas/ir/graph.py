"""The graph IR: typed dataflow graphs.

A program is one graph for the network and one for each cell as it is used (its input types and channels);
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

RECOMPUTE = (("recompute", True),)  # the attributes of a call whose cell is computed again

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Varies = Literal["depth", "channels", "size", "front end"]
Kind = Literal["input", "primitive", "mix", "sum", "dropout", "blend", "target", "call", "output"]


@dataclass(frozen=True)
class GraphNode:
    """One value of the graph.

    name: its own name at its site; site: on which edge, in which `let` and options it is made; variant: the
    options of a network's stages under which it is made. The id says all three.

    The kinds:
    primitive: a primitive applied to the inputs.
    mix: one option per input, `choice` names the choice point.
    sum: the sum of the inputs, weighted in a supernet; `choice` names the selection that keeps some of them.
    dropout: its input, of which some values are lost in training; made by a pass for a supernet.
    blend: several such sums over mixes at once, side by side in the channels; made by a pass for a supernet,
    with the attributes `cell` (the kind of cell whose selections weigh), `targets` (how many sums) and
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
        return value_id(self.name, self.site, self.variant)


@dataclass(frozen=True)
class Weight:
    """What weighs a term of a blend: that of edge `port` of a selection, times that of an option of a
    choice point.
    """

    selection: str
    port: int
    choice: str
    option: int


@dataclass(frozen=True)
class BlendPort:
    """Where an input of a blend goes.

    by_lane: it has a lane for each entry of `targets`, and goes there lane by lane; else it goes whole to
    each of them.
    weights: one for each entry of `targets`.
    """

    by_lane: bool
    targets: tuple[int, ...]
    weights: tuple[Weight, ...]


class Graph:
    """A directed acyclic multigraph of `GraphNode`s, each of which is fed by others, port by port.

    It is kept as what feeds each node; algorithms on graphs take it as `nx`, whose import a check is spared.

    kind: the kind of cell that it is of, `network`, or `input` of a front end. number: which of the graphs of
    its kind of cell, from 1; None where there is one alone. name: both, as `normal:1`.
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
        """Add a node fed by `inputs`, in order, which are there already; returns its id."""
        assert node.id not in self._nodes, f"{node.id} exists in {self.name}"
        sources = tuple(inputs)
        for source in sources:
            assert source in self._nodes, f"{source} comes after {node.id} in {self.name}"
        self._nodes[node.id], self._inputs[node.id] = node, sources
        return node.id

    def remove(self, ids: Iterable[str]) -> None:
        """Remove nodes that feed none of those that stay."""
        for id in list(ids):
            del self._nodes[id], self._inputs[id]

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    def __getitem__(self, id: str) -> GraphNode:
        return self._nodes[id]

    def __iter__(self) -> Iterator[GraphNode]:
        """The nodes in the order in which they were added: each after those it reads."""
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def inputs(self, id: str) -> list[str]:
        """The ids that feed a node, by port."""
        return list(self._inputs[id])

    def ancestors(self, id: str) -> set[str]:
        """The ids of all that a node reads, directly or through others."""
        found: set[str] = set()
        frontier = [id]
        while frontier:
            new = set(self._inputs[frontier.pop()]) - found
            found |= new
            frontier += new
        return found

    def readers(self) -> dict[str, list[tuple[str, int]]]:
        """For each id the nodes that read it, with the port."""
        readers: dict[str, list[tuple[str, int]]] = {id: [] for id in self._nodes}
        for id, sources in self._inputs.items():
            for port, source in enumerate(sources):
                readers[source].append((id, port))
        return readers

    @property
    def nx(self) -> MultiDiGraph:
        """A copy as a networkx multigraph that cannot be changed; edges have their port as key."""
        import networkx as nx

        graph = nx.MultiDiGraph()
        graph.add_nodes_from(self._nodes)
        graph.add_edges_from(
            (source, id, port) for id, found in self._inputs.items() for port, source in enumerate(found)
        )
        return nx.freeze(graph)

    def of_kind(self, kind: Kind) -> list[GraphNode]:
        return [node for node in self if node.kind == kind]

    @property
    def output(self) -> GraphNode:
        return next(node for node in self if node.kind == "output")


@dataclass(frozen=True)
class ChoicePoint:
    """Where options compete; on an edge of a cell, with its kind of cell, node and source.

    arguments: those of an operation whose combinations are the options, where that is what is searched.
    varies: what the options change of the network after it, beside the operation: a sampled method can search
    that, a relaxed one cannot.
    zeros: the options of an edge that hand out nothing but zeros, such as `none` of DARTS. They compete, and
    never remain: an edge that is kept carries something.
    skips: the options of an edge that hand on what they are given.
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
        return self.called.id

    @property
    def cell(self) -> str:
        """The kind of cell where it is all of an edge; empty elsewhere, as are `node` and `source`."""
        return self.called.owner if self.called.is_edge else ""

    @property
    def node(self) -> str:
        return self.called.site.node if self.called.is_edge else ""

    @property
    def source(self) -> str:
        return self.called.site.source if self.called.is_edge else ""

    @property
    def remaining(self) -> tuple[str, ...]:
        """The options that may remain where one does: all but the zeros, unless there is nothing else."""
        return tuple(option for option in self.options if option not in self.zeros) or self.options


@dataclass(frozen=True)
class Selection:
    """Where `keep` of a node's incoming edges remain. edges: the choice point on each edge, in order."""

    cell: str
    node: str
    sources: tuple[str, ...]
    edges: tuple[str, ...]
    keep: int

    @cached_property
    def id(self) -> str:
        return node_id(self.cell, self.node)


@dataclass(frozen=True)
class CellKind:
    """The shape of a cell that its genotype shows: where edges come from, its nodes, what it hands out.

    fixed: the nodes that the space decides, so that nothing is left to choose at them.
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
        yield self.network
        yield from self.cells.values()


def recomputed(call: GraphNode) -> bool:
    """Whether the cell of a call is computed again."""
    return call.attributes == RECOMPUTE
