"""The graph IR: typed dataflow graphs, and their verifier.

A program is one graph for the network and one for each cell as it is used (its input types and channels);
cells of one kind share their choice points, never their weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .genotype import Node
from .primitives import REGISTRY
from .primitives.registry import TypeRuleError
from .source import Span
from .tensortype import Domain, TensorType

if TYPE_CHECKING:
    from networkx import MultiDiGraph

Varies = Literal["depth", "channels", "size", "front end"]
Kind = Literal["input", "primitive", "mix", "sum", "dropout", "blend", "target", "call", "output"]


@dataclass(frozen=True)
class GraphNode:
    """One value of the graph.

    primitive: a primitive applied to the inputs. mix: one option per input, `choice` names the choice point.
    sum: the sum of the inputs, weighted in a supernet; `choice` names the selection that keeps some of them.
    dropout: its input, of which some values are lost in training; made by a pass for a supernet.
    blend: several such sums over mixes at once, side by side in the channels; made by a pass for a supernet,
    with the attributes `targets` (how many) and `ports` (a `BlendPort` for each input). target: one of these
    sums, by the attribute `lane`.
    call: a cell, `cell` names its graph in the program. labels: one name per input of a mix or a sum; the
    nodes that a packed primitive stands for.
    """

    id: str
    kind: Kind
    type: TensorType
    primitive: str = ""
    attributes: tuple[tuple[str, Any], ...] = ()
    choice: str = ""
    cell: str = ""
    labels: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


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
    """

    def __init__(self, name: str, domain: Domain) -> None:
        self.name = name
        self.domain = domain
        self._nodes: dict[str, GraphNode] = {}
        self._inputs: dict[str, tuple[str, ...]] = {}

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

    varies: what the options change of the network after it, beside the operation: a sampled method can search
    that, a relaxed one cannot.
    zeros: the options of an edge that hand out nothing but zeros, such as `none` of DARTS. They compete, and
    never remain: an edge that is kept carries something.
    skips: the options of an edge that hand on what they are given.
    """

    id: str
    options: tuple[str, ...]
    cell: str = ""
    node: str = ""
    source: str = ""
    varies: Varies | None = None
    zeros: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def remaining(self) -> tuple[str, ...]:
        """The options that may remain where one does: all but the zeros, unless there is nothing else."""
        return tuple(option for option in self.options if option not in self.zeros) or self.options


@dataclass(frozen=True)
class Selection:
    """Where `keep` of a node's incoming edges remain. edges: the choice point on each edge, in order."""

    id: str
    cell: str
    node: str
    sources: tuple[str, ...]
    edges: tuple[str, ...]
    keep: int


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


class VerifyError(AssertionError):
    """A pass or a builder broke the IR: a defect of dslnas, never of a user's file."""


def verify(program: Program, stage: str) -> Program:
    """The program, if every graph is well formed and types follow from inputs; raises VerifyError where not.

    stage: what has just made the program, for the message.
    """
    graphs = [*program.cells.values(), program.network]  # a call looks into the graph of its cell
    for graph in graphs:
        _verify_shape(graph, f"after {stage}, in graph {graph.name}")
    for graph in graphs:
        for node in graph:
            _verify_node(program, graph, node, f"after {stage}, in graph {graph.name}, node {node.id}")
    for selection in program.selections.values():
        where = f"after {stage}, selection {selection.id}"
        _check(len(selection.edges) == len(selection.sources), f"{where}: {len(selection.edges)} edges")
        _check(1 <= selection.keep <= len(selection.sources), f"{where}: keeps {selection.keep}")
        for edge in selection.edges:
            _check(not edge or edge in program.choices, f"{where}: no choice point {edge}")
    return program


def _verify_shape(graph: Graph, where: str) -> None:
    """No cycle, one output, and nothing that leads nowhere."""
    import networkx as nx

    _check(nx.is_directed_acyclic_graph(graph.nx), f"{where}: there is a cycle")
    outputs = graph.of_kind("output")
    _check(len(outputs) == 1, f"{where}: {len(outputs)} outputs")
    alive = graph.ancestors(outputs[0].id) | {outputs[0].id}
    for node in graph:
        _check(node.id in alive or node.kind == "input", f"{where}: {node.id} reaches no output")


def _verify_node(program: Program, graph: Graph, node: GraphNode, where: str) -> None:
    inputs = tuple(graph[source].type for source in graph.inputs(node.id))
    if node.kind == "input":
        _check(not inputs, f"{where}: an input is fed")
    elif node.kind == "primitive":
        _verify_primitive(graph, node, inputs, where)
    elif node.kind == "dropout":
        _check(inputs == (node.type,), f"{where}: a dropout of another type than its input")
    elif node.kind in ("mix", "sum"):
        _verify_choice(program, node, inputs, where)
    elif node.kind == "blend":
        _verify_blend(program, node, inputs, where)
    elif node.kind == "target":
        (blend,) = (graph[source] for source in graph.inputs(node.id))
        attributes = dict(blend.attributes)
        _check(
            blend.kind == "blend" and dict(node.attributes)["lane"] < attributes["targets"],
            f"{where}: no target",
        )
        _check(
            node.type.channels.scaled(attributes["targets"]) == blend.type.channels,
            f"{where}: typed {node.type}",
        )
    elif node.kind == "call":
        _check(node.cell in program.cells, f"{where}: no cell {node.cell}")
        cell = program.cells[node.cell]
        made, wanted = cell.output.type, tuple(n.type for n in cell.of_kind("input"))
        _check(made == node.type, f"{where}: typed {node.type}, its cell hands out {made}")
        _check(inputs == wanted, f"{where}: fed {inputs}, its cell reads {wanted}")
    else:
        _check(inputs == (node.type,), f"{where}: an output of another type than its input")


def _verify_primitive(graph: Graph, node: GraphNode, inputs: tuple[TensorType, ...], where: str) -> None:
    _check(node.primitive in REGISTRY, f"{where}: no primitive {node.primitive}")
    primitive = REGISTRY[node.primitive]
    _check(primitive.inputs in (None, len(inputs)), f"{where}: {len(inputs)} inputs")
    try:
        inferred = primitive.type_rule(inputs, dict(node.attributes), graph.domain)
    except TypeRuleError as error:
        raise VerifyError(f"{where}: {error}") from None
    _check(inferred == node.type, f"{where}: typed {node.type}, its rule says {inferred}")


def _verify_choice(program: Program, node: GraphNode, inputs: tuple[TensorType, ...], where: str) -> None:
    """A mix or a sum belongs to a point of the program, has its labels, and joins equal types."""
    known = program.choices if node.kind == "mix" else program.selections
    _check(node.choice in known, f"{where}: no choice point {node.choice}")
    point = known[node.choice]
    labels = point.options if isinstance(point, ChoicePoint) else point.sources
    _check(node.labels == labels, f"{where}: labels {node.labels} of {labels}")
    _check(len(node.labels) == len(inputs) == len(set(node.labels)), f"{where}: labels {node.labels}")
    _check(all(type == node.type for type in inputs), f"{where}: inputs of different types")


def _verify_blend(program: Program, node: GraphNode, inputs: tuple[TensorType, ...], where: str) -> None:
    """Lanes and targets fit, every target is fed, and each weight is that of an edge and of an option."""
    attributes = dict(node.attributes)
    targets, ports = attributes["targets"], attributes["ports"]
    _check(len(ports) == len(inputs), f"{where}: {len(ports)} ports for {len(inputs)} inputs")
    _check(
        {target for port in ports for target in port.targets} == set(range(targets)),
        f"{where}: a target starves",
    )
    for port, type in zip(ports, inputs, strict=True):
        lanes = len(port.targets) if port.by_lane else 1
        _check(len(port.targets) == len(port.weights), f"{where}: {len(port.weights)} weights")
        _check(
            type.channels.scaled(targets) == node.type.channels.scaled(lanes),
            f"{where}: {type} in {lanes} lanes",
        )
        _check(type.size == node.type.size and type.domain == node.type.domain, f"{where}: reads {type}")
        for weight in port.weights:
            _check(weight.selection in program.selections, f"{where}: no selection {weight.selection}")
            edges = program.selections[weight.selection].edges
            _check(edges[weight.port] == weight.choice, f"{where}: {weight.choice} is no edge {weight.port}")
            _check(
                weight.option < len(program.choices[weight.choice].options),
                f"{where}: no option {weight.option}",
            )


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise VerifyError(message)
