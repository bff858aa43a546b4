"""Networks whose cells differ by position: parts are removed from single instances of a cell.

An instance of a cell is a position: where the network calls it. A removed edge is gone with all operations on
it: its node loses that term of its sum. What a removed node had handed on is gone:

- an edge from it is removed as well;
- a node that is left without edges is removed too;
- anything else that reads it, such as the concatenation of the cell, reads zeros of its type, so that the
  type of the cell stays what it was;
- where no node of the output is left, the signal would end here. Then each removed node hands on the last
  input of the cell that is made of no node (the adapted output of the cell before): the mean of each window
  where nodes are smaller, its channels again from the first where they are more.

None of this has weights: whatever remains keeps its weights and computes with them what it did before. Then
cells are made narrower where channels are removed, as `channels.py` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..base import limits
from ..base.diagnostics import fail
from .channels import Ties, narrowed, ties
from .genotype import Genotype, Position
from .graph import CellKind, Graph, GraphNode, Program
from .left_out import without_left_out
from .names import node_id
from .places import Part, edges_of, places
from .primitives import REGISTRY
from .primitives.registry import TypeRuleError
from .tensortype import TensorType
from .walk import Chosen, Step, walk


def network_of(program: Program, genotype: Genotype) -> tuple[Program, Chosen]:
    """The program in which the cells of a genotype's positions have graphs of their own, and the policy.

    Nodes that the genotype leaves out are not there (`left_out.py`). The genotype fits the program. Raises
    DslnasError N0502 where nothing can flow in place of all nodes of a cell.
    """
    chosen = Chosen.of(genotype)
    program = without_left_out(program, genotype)
    if not genotype.positions:
        return program, chosen
    calls = {place.name: place for place in places(program, chosen)}
    cells, renamed = dict(program.cells), dict[str, str]()
    for position in genotype.positions:
        if not position.takes_parts:
            continue
        place = calls[position.place]
        graph = program.cells[place.graph]
        removed = settled(program.kinds[place.kind], chosen, position.removed, position.edges)
        number = free_number(graph.kind, cells)
        own = _without(graph, number, program.kinds[place.kind], chosen, removed, position)
        cells[own.name] = own
        renamed[place.call] = own.name
    program = replace(program, network=recalled(program.network, renamed), cells=cells)
    widths = {one.place: one.channels for one in genotype.positions if one.channels is not None}
    return narrowed(program, chosen, widths) if widths else program, chosen


def settled(
    kind: CellKind,
    chosen: Chosen,
    removed: Iterable[str],
    edges: Collection[tuple[str, str]] = (),
) -> frozenset[str]:
    """The removed nodes of a cell with those that are left without edges. edges: the removed ones."""
    gone = set(removed)
    for node in kind.nodes:  # each after those it reads
        sources = chosen.sources.get(node_id(kind.name, node), ())
        if sources and all(source in gone or (source, node) in edges for source in sources):
            gone.add(node)
    return frozenset(gone)


def ties_of(program: Program, genotype: Genotype) -> Ties:
    """Which channels go together in the network of a genotype, before anything is removed at positions."""
    return ties(without_left_out(program, genotype), Chosen.of(genotype))


def parts_at(program: Program, genotype: Genotype, of: str) -> dict[str, tuple[Part, ...]]:
    """What can be removed from each instance of a cell, by the names of the places that have some.

    of: `nodes`, the kept `edges` into them, or units of `channels`.
    """
    chosen = Chosen.of(genotype)
    found: dict[str, tuple[Part, ...]] = {}
    units = ties_of(program, genotype).units if of == "channels" else {}
    for place in places(program, chosen):
        if of == "channels":
            found[place.name] = tuple(range(units.get(place.name, 0)))
        else:
            found[place.name] = place.nodes if of == "nodes" else edges_of(program, chosen, place)
    return {name: parts for name, parts in found.items() if parts}


def positions_without(
    program: Program, genotype: Genotype, removed: Mapping[str, Iterable[Part]]
) -> tuple[Position, ...]:
    """The positions of a network by the names of their places, with the nodes that fall with others.

    Edges of nodes that are gone are not named, nor those from them. A cell keeps one unit of its channels.
    """
    chosen, found = Chosen.of(genotype), []
    narrow = any(isinstance(part, int) for parts in removed.values() for part in parts)
    tied = ties_of(program, genotype) if narrow else None
    for place in places(program, chosen):
        kind = program.kinds[place.kind]
        parts = {*removed.get(place.name, ())}
        edges = {part for part in parts if isinstance(part, tuple)}
        gone = settled(kind, chosen, (part for part in parts if isinstance(part, str)), edges)
        left = tuple(
            edge for edge in edges_of(program, chosen, place) if edge in edges and gone.isdisjoint(edge)
        )
        units = sum(isinstance(part, int) for part in parts)
        width = max(tied.units[place.name] - units, 1) * tied.together(place.name) if tied and units else None
        if gone or left or width is not None:
            ordered = tuple(node for node in kind.nodes if node in gone)
            found.append(Position(place.name, place.kind, ordered, left, width))
    return tuple(found)


def free_number(kind: str, cells: Mapping[str, Graph]) -> int:
    """A number that no graph of a kind of cell has."""
    numbers = [graph.number or 1 for graph in cells.values() if graph.kind == kind]
    return max(numbers, default=0) + 1


def recalled(network: Graph, renamed: Mapping[str, str]) -> Graph:
    """The network, in which some calls are of other graphs, by the ids of the calls."""
    result = network.empty()
    for node in network:
        own = replace(node, cell=renamed[node.id]) if node.id in renamed else node
        result.add(own, network.inputs(node.id))
    return result


@dataclass(frozen=True)
class _Without:
    """A policy that leaves out removed edges, and the edges from removed nodes."""

    chosen: Chosen
    removed: frozenset[str]
    edges: Collection[tuple[str, str]]

    def kept(self, node: GraphNode) -> tuple[int, ...]:
        ports = self.chosen.kept(node)
        if node.kind == "mix":
            return ports
        return tuple(port for port in ports if not self._gone(node.labels[port], node.name))

    def _gone(self, source: str, node: str) -> bool:
        return source in self.removed or (source, node) in self.edges


def _without(
    graph: Graph,
    number: int,
    kind: CellKind,
    chosen: Chosen,
    removed: frozenset[str],
    position: Position,
) -> Graph:
    """The graph of a cell without nodes, and what stands in for them."""
    policy = _Without(chosen, removed, position.edges)
    entry = last_input(graph, kind)
    silent = removed.issuperset(kind.output)
    result = Graph(graph.kind, graph.domain, number)
    instead: dict[str, str] = {}
    for step in in_order(graph, walk(graph, policy, [entry]), entry):
        node = step.node
        if node.id in removed:
            try:
                instead[node.id] = stand_in(result, entry, node, hands_on=silent)
            except TypeRuleError as error:
                message = f"`{position.place}` cannot lose {', '.join(sorted(removed))}: {error.message}"
                raise fail("N0502", message, help="keep a node of this cell") from None
        else:
            labels = tuple(node.labels[port] for port in step.ports) if node.labels else ()
            sources = [instead.get(source, source) for source in step.inputs]
            result.add(replace(node, labels=labels), sources)
    return without_dead(result)


def in_order(graph: Graph, steps: Sequence[Step], entry: str) -> list[Step]:
    """Steps such that those that lead to an input of a cell come first, with every input of the graph."""
    first = graph.ancestors(entry) | {entry}
    known = {step.node.id: step for step in steps}
    inputs = [Step(node, (), ()) for node in graph.of_kind("input")]
    others = [step for id, step in known.items() if graph[id].kind != "input"]
    return [*inputs, *sorted(others, key=lambda step: step.node.id not in first)]


def without_dead(graph: Graph) -> Graph:
    """The graph without nodes that its output does not depend on, except for inputs."""
    alive = graph.ancestors(graph.output.id) | {graph.output.id}
    graph.remove(node.id for node in graph if node.id not in alive and node.kind != "input")
    return graph


def last_input(graph: Graph, kind: CellKind) -> str:
    """The value of the last input of a cell that is made of no node, by its id.

    Edges tell which value an input is: it is what the operations on the edges from it read.
    """
    nodes = set(kind.nodes)
    for name in reversed(kind.inputs):
        for node in graph.of_kind("sum"):
            if name in node.labels:
                id = graph.inputs(node.id)[node.labels.index(name)]
                while on_edge(graph[id]) and graph.inputs(id):
                    id = graph.inputs(id)[0]
                if not nodes & (graph.ancestors(id) | {id}):
                    return id
    return graph.of_kind("input")[-1].id


def on_edge(node: GraphNode) -> bool:
    """Whether a value is part of the operation on an edge."""
    return bool(node.site.node)


def stand_in(graph: Graph, entry: str, node: GraphNode, hands_on: bool) -> str:
    """The id of what stands in for a removed node, which is added to a graph: zeros, or the input `entry`.

    Raises TypeRuleError where the input cannot have the type of the node.
    """
    stride = _stride(graph[entry].type, node.type)
    pool = {"kernel": stride | 1, "stride": stride}
    id = entry
    if not hands_on:
        id = _add(graph, "zero", [id], {"stride": stride}, f"no_{node.name}")
    elif stride > 1:
        id = _add(graph, "avgpool", [id], pool, f"pooled_for_{node.name}")
    has, wanted = graph[id].type.shape[0], node.type.shape[0]
    if has < wanted:
        id = _add(graph, "concat", [id] * -(-wanted // has), {}, f"repeated_for_{node.name}")
    if graph[id].type.shape[0] > wanted:
        out = {"first": 0, "out": node.type.channels}
        id = _add(graph, "slice", [id], out, f"cut_for_{node.name}")
    if graph[id].type != node.type:
        raise TypeRuleError("N0502", f"its input `{graph[entry].type}` does not become `{node.type}`")
    return id


def _stride(source: TensorType, target: TensorType) -> int:
    """The stride by which a size becomes another, rounded up; raises TypeRuleError where none does."""
    pairs = list(zip(source.shape[1:], target.shape[1:], strict=False))
    for stride in range(1, limits.STRIDE + 1):
        if len(source.size) == len(target.size) and all(-(-a // stride) == b for a, b in pairs):
            return stride
    raise TypeRuleError("N0502", f"no stride makes `{target}` of its input `{source}`")


def _add(
    graph: Graph, primitive: str, sources: list[str], attributes: Mapping[str, object], name: str
) -> str:
    inputs = tuple(graph[source].type for source in sources)
    type = REGISTRY[primitive].type_rule(inputs, attributes, graph.domain)
    return graph.add(
        GraphNode(name, "primitive", type, primitive, tuple(sorted(attributes.items()))), sources
    )
