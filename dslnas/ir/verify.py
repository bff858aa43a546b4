"""The verifier of the graph IR, which runs before and after every pass."""

from __future__ import annotations

from .graph import ChoicePoint, Graph, GraphNode, Program
from .primitives import REGISTRY
from .primitives.registry import TypeRuleError
from .tensortype import TensorType


class VerifyError(AssertionError):
    """A violated invariant of the IR: a defect of dslnas, never of a user's file."""


def verify(program: Program, stage: str) -> Program:
    """The program itself; raises VerifyError for a malformed graph or a type that inputs do not imply.

    stage: the name of the pass that has made the program, for the message.
    """
    graphs = [*program.cells.values(), program.network]  # cells first: a call reads the graph of its cell
    _verify_names(program, f"after {stage}")
    for graph in graphs:
        _verify_shape(graph, f"after {stage}, in graph {graph.name}")
    for graph in graphs:
        for node in graph:
            where = f"after {stage}, in graph {graph.name}, node {node.id}"
            _verify_node(program, graph, node, where)
            _verify_site(graph, node, where)
    for selection in program.selections.values():
        where = f"after {stage}, selection {selection.id}"
        _check(len(selection.edges) == len(selection.sources), f"{where}: {len(selection.edges)} edges")
        _check(1 <= selection.keep <= len(selection.sources), f"{where}: keeps {selection.keep}")
        for source, edge in zip(selection.sources, selection.edges, strict=True):
            _check(not edge or edge in program.choices, f"{where}: no choice point {edge}")
            if edge:
                point = program.choices[edge]
                wanted = (selection.cell, selection.node, source)
                _check((point.cell, point.node, point.source) == wanted, f"{where}: {edge} is another edge")
    return program


def _verify_names(program: Program, where: str) -> None:
    """Everything is stored under its own id, and belongs to an existing kind of cell."""
    _check(program.network.kind == "network", f"{where}: the network is a {program.network.kind}")
    for name, graph in program.cells.items():
        _check(graph.name == name, f"{where}: graph {graph.name} is called {name}")
        _check(graph.kind in program.kinds, f"{where}: graph {name} of no kind of cell")
    for id, point in program.choices.items():
        owners = program.kinds.keys() | ({"network", "input"} if not point.called.is_edge else set())
        _check(point.id == id, f"{where}: choice point {point.id} is called {id}")
        _check(point.called.owner in owners, f"{where}: choice point {id} of {point.called.owner}")
    for id, selection in program.selections.items():
        _check(selection.id == id, f"{where}: selection {selection.id} is called {id}")
        _check(selection.cell in program.kinds, f"{where}: selection {id} of no kind of cell")


def _verify_site(graph: Graph, node: GraphNode, where: str) -> None:
    """A site is on an edge or in a `let`, as are all enclosing choice points, which are in the same graph."""
    site = node.site
    _check(bool(site.node) == bool(site.source), f"{where}: on half an edge")
    _check(not (site.node and site.let), f"{where}: on an edge and in a `let`")
    _check(graph.kind != "network" or not (site.node or site.let), f"{where}: of a cell")
    _check(graph.kind == "network" or not node.variant, f"{where}: in a variant of a cell")
    for point, _ in site.options:
        _check(point.owner == graph.kind, f"{where}: in an option of {point.owner}")
        around = (point.site.node, point.site.source, point.site.let)
        _check(around == (site.node, site.source, site.let), f"{where}: {point.id} is elsewhere")


def _verify_shape(graph: Graph, where: str) -> None:
    """There is no cycle and one output, and every node except inputs reaches it."""
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
        _verify_choice(program, graph, node, inputs, where)
    elif node.kind == "blend":
        _check(dict(node.attributes)["cell"] == graph.kind, f"{where}: of another kind of cell")
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


def _verify_choice(
    program: Program, graph: Graph, node: GraphNode, inputs: tuple[TensorType, ...], where: str
) -> None:
    """A mix or a sum belongs to a point of the program, has its labels, and joins equal types."""
    known = program.choices if node.kind == "mix" else program.selections
    _check(node.choice in known, f"{where}: no choice point {node.choice}")
    point = known[node.choice]
    labels = point.options if isinstance(point, ChoicePoint) else point.sources
    _check(node.labels == labels, f"{where}: labels {node.labels} of {labels}")
    if isinstance(point, ChoicePoint):
        place = (point.called.owner, point.called.site)
        alike = place == (graph.kind, node.site) or point.varies is not None
        _check(alike, f"{where}: mixes {point.id}, which is elsewhere")
    else:
        _check((point.cell, point.node) == (graph.kind, node.name), f"{where}: sums {point.id}")
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
