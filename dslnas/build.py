"""A space to its program: the network's graph, a graph for each cell as it is used, and the choice points.

With numbers for channels and sizes the program is what gets lowered; with symbols it is the proof that the
space is well formed for all of them (`typecheck.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from . import syntax
from .arguments import bind
from .diagnostics import Diagnostic, DslnasError, errors, fail
from .elaborate import POISON, Arrival, Elaboration, Poison, Ref, Scope, Shared, frame
from .graph import CellKind, Graph, GraphNode, Program, Selection
from .resolve import Cell, Space
from .source import Span
from .tensortype import Dim, TensorType
from .values import RangeValue, evaluate

NODE_LIMIT = 64  # nodes of one cell


@dataclass(frozen=True)
class Setup:
    """What a space is built for: its parameters, the network's input, the number of classes.

    symbols: the values that messages show for symbols, where there are any.
    """

    parameters: Mapping[str, Any]
    input: TensorType
    classes: int | Dim
    symbols: Mapping[str, int] = field(default_factory=dict)


def build(space: Space, ops: Mapping[str, syntax.Op], setup: Setup) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a space, or None with the errors that prevent it."""
    shared = Shared(ops, setup.symbols)
    program = _NetworkElaboration(shared, space, setup).program()
    return (None if errors(shared.diagnostics) else program), shared.diagnostics


class _NetworkElaboration(Elaboration):
    """The network: a pipe in which cells are stages that read the two last outputs."""

    def __init__(self, shared: Shared, space: Space, setup: Setup) -> None:
        domain = setup.input.domain
        super().__init__(shared, Graph("network", domain), space.sets)
        self.space, self.setup = space, setup
        self.cells: dict[str, Graph] = {}
        self.kinds: dict[str, CellKind] = {}
        self._templates: dict[tuple[Any, ...], Graph | None] = {}
        self._history: list[Ref] = []  # what the next cell may read: outputs of the cells before it

    def program(self) -> Program | None:
        setup, space = self.setup, self.space
        self.graph.add(GraphNode("input", "input", setup.input, span=space.span))
        channels = setup.parameters.get("channels", 1)
        self.scope = Scope({**setup.parameters, "classes": setup.classes, "stride": 1, "C": channels,
                            "input": Ref("input", setup.input)})  # fmt: skip
        value = self.caught(space.network, self.scope)
        if not isinstance(value, Ref):
            if not isinstance(value, Poison):
                message = "the network must end in a tensor"
                self.shared.report(fail("N0206", message, space.network.span))
            return None
        self.graph.add(GraphNode("output", "output", value.type, span=space.network.span), [value.id])
        return Program(
            space.name, self.graph, self.cells, self.kinds, self.shared.choices, self.shared.selections
        )

    def call(
        self, name: syntax.Name, arguments: Any, x: Ref, scope: Scope, span: Span
    ) -> Any:
        if name.name not in self.space.cells:
            return super().call(name, arguments, x, scope, span)
        cell = self.space.cells[name.name]
        bound = bind(cell.name, ("channels",), arguments, span)
        if "channels" in bound:
            self.scope.values["C"] = self._channels(bound["channels"], scope)
        inputs = self._inputs(cell, x)
        graph = self._template(cell, inputs, Dim.of(self.scope.values["C"]))
        if graph is None:
            return POISON
        node = GraphNode(self.fresh(cell.name), "call", graph.output.type, cell=graph.name, span=span)
        result = Ref(self.graph.add(node, [ref.id for ref in inputs]), node.type, span)
        self._history.append(result)
        return result

    def _channels(self, argument: syntax.Argument, scope: Scope) -> Any:
        channels = evaluate(argument.value, self.lookup(scope))
        if isinstance(channels, Dim) or (isinstance(channels, int) and not isinstance(channels, bool) and channels > 0):
            return channels
        raise fail("N0307", "a cell has a whole number of channels", argument.value.span)

    def _inputs(self, cell: Cell, x: Ref) -> list[Ref]:
        """A cell of two inputs reads the two last outputs; the first cell reads its only predecessor twice."""
        if not self._history or self._history[-1].id != x.id:
            self._history = [x]
        history = self._history[-len(cell.inputs) :]
        return [history[0]] * (len(cell.inputs) - len(history)) + history

    def _template(self, cell: Cell, inputs: list[Ref], channels: Dim) -> Graph | None:
        """The graph of a cell for these input types and channels; equal uses share it."""
        key = (cell.name, tuple(ref.type for ref in inputs), channels)
        if key not in self._templates:
            count = sum(k[0] == cell.name for k in self._templates) + 1
            graph = Graph(f"{cell.name}:{count}", self.graph.domain)
            scope = Scope({**self.setup.parameters, "C": channels.known or channels, "stride": 1})
            elaboration = _CellElaboration(self.shared, graph, self.space.sets, cell, scope)
            self._templates[key] = elaboration.cell_graph([ref.type for ref in inputs])
            if self._templates[key] is not None:
                self.cells[graph.name] = graph
                self.kinds[cell.name] = elaboration.kind()
        return self._templates[key]


class _CellElaboration(Elaboration):
    """One cell: its intermediates, its nodes, its value."""

    def __init__(
        self, shared: Shared, graph: Graph, sets: Mapping[str, Mapping[str, syntax.Expr]], cell: Cell, scope: Scope
    ) -> None:
        super().__init__(shared, graph, sets)
        self.cell, self.scope = cell, scope
        self.arrivals: list[Arrival] = []
        self.nodes: list[str] = []

    def cell_graph(self, inputs: list[TensorType]) -> Graph | None:
        for name, type in zip(self.cell.inputs, inputs, strict=True):
            self.scope.values[name] = Ref(self.graph.add(GraphNode(name, "input", type)), type)
        try:
            with frame(f"cell `{self.cell.name}`"):
                stride = self._stride()
                for item in self.cell.items:
                    if isinstance(item, syntax.Let):
                        self._let(item, stride)
                    else:
                        self._node_array(item)
                value = self.tensor(self.cell.value, self.scope)
        except DslnasError as error:
            self.shared.report(error)
            return None
        if isinstance(value, Poison):
            return None
        self.graph.add(GraphNode("output", "output", value.type), [value.id])
        self._prune_unused()
        return self.graph

    def _stride(self) -> int:
        expr = self.cell.settings.get("stride")
        stride = evaluate(expr, self.lookup(self.scope)) if expr else 1
        if isinstance(stride, bool) or not isinstance(stride, int) or not 1 <= stride <= 16:
            raise fail("N0301", "the stride of a cell is a whole number from 1 to 16", expr.span if expr else None)
        return stride

    def _let(self, let: syntax.Let, stride: int) -> None:
        """An intermediate; edges may come from it, and they carry the cell's stride."""
        with self.at(let.name):
            try:
                value = self.value(let.value, self.scope)
            except DslnasError as error:
                self._report_here(error)
                value = POISON
        self.scope.values[let.name] = value
        self.arrivals.append(Arrival(let.name, value, stride))

    def _report_here(self, error: DslnasError) -> None:
        error.frames.insert(0, f"cell `{self.cell.name}`")
        self.shared.report(error)

    def _node_array(self, array: syntax.NodeArray) -> None:
        indices = evaluate(array.indices, self.lookup(self.scope))
        if not isinstance(indices, RangeValue) or not all(isinstance(i, int) for i in (indices.low, indices.high)):
            raise fail("N0301", "nodes are counted by a range", array.indices.span, help="`node n[1..nodes]`")
        if not 1 <= indices.high - indices.low + 1 <= NODE_LIMIT:
            message = f"{indices.high - indices.low + 1} nodes; a cell has 1 to {NODE_LIMIT}"
            raise fail("N0301", message, array.indices.span)
        refs: list[Any] = []
        for index in range(indices.low, indices.high + 1):
            name = f"{array.name}{index}"
            ref = self._node(name, array)
            refs.append(ref)
            self.nodes.append(name)
            self.arrivals.append(Arrival(name, ref, 1))
        self.scope.values[array.name] = tuple(refs)

    def _node(self, name: str, array: syntax.NodeArray) -> Any:
        try:
            edges = self._edges(name, array)
            if any(isinstance(ref, Poison) for ref in edges.values()):
                return POISON
            return self._sum(name, array, edges)
        except DslnasError as error:
            error.frames.insert(0, f"node {name}")
            self._report_here(error)
            return POISON

    def _edges(self, node: str, array: syntax.NodeArray) -> dict[str, Any]:
        """The tensor that arrives over each edge, by the name of its source."""
        match array.value:
            case syntax.Call(
                function=syntax.Name(name="sum"),
                arguments=[syntax.Argument(value=syntax.Comprehension(iterable=syntax.Name(name="earlier")) as each)],
            ):
                pass
            case _:
                help = "`sum(choose candidates(p) for p in earlier)`"
                raise fail("N0206", "a node is a sum over what is earlier in its cell", array.value.span, help=help)
        edges: dict[str, Any] = {}
        for arrival in list(self.arrivals):
            if isinstance(arrival.ref, Poison) or not isinstance(arrival.ref, Ref):
                edges[arrival.name] = POISON
                continue
            scope = self.scope.inner(**{each.variable: arrival.ref, "stride": arrival.stride})
            self.edge = (node, arrival.name)
            edges[arrival.name] = self.tensor(each.value, scope)
            self.edge = None
        return edges

    def _sum(self, name: str, array: syntax.NodeArray, edges: Mapping[str, Ref]) -> Ref:
        refs = list(edges.values())
        for source, ref in edges.items():
            if ref.type != refs[0].type:
                message = f"edges of different type meet: `{refs[0].type}` and, from {source}, `{ref.type}`"
                raise fail("N0302", message, array.value.span)
        keep = len(edges)
        if array.keep is not None:
            keep = evaluate(array.keep, self.lookup(self.scope))
            if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
                raise fail("N0301", "`keep` takes a whole number of edges", array.keep.span)
            if keep > len(edges):
                message = f"`keep {keep}` where {len(edges)} edges arrive"
                raise fail("N0405", message, array.keep.span, help=f"keep at most {len(edges)}")
        id = f"{self.cell.name}/{name}"
        choices = tuple(self.graph[ref.id].choice for ref in refs)
        self.shared.selections[id] = Selection(id, self.cell.name, name, tuple(edges), choices, keep)
        node = GraphNode(name, "sum", refs[0].type, choice=id, labels=tuple(edges), span=array.span)
        return Ref(self.graph.add(node, [ref.id for ref in refs]), node.type, array.span)

    def _prune_unused(self) -> None:
        """Leave out what reaches no output; a node of the file among it is worth a warning."""
        alive = nx.ancestors(self.graph.nx, "output") | {"output"}
        for node in list(self.graph):
            if node.id in alive or node.kind == "input":
                continue
            if node.kind == "sum":
                message = f"node {node.id} of cell `{self.cell.name}` is used by nothing"
                self.shared.diagnostics.append(Diagnostic("N0402", message, node.span, severity="warning"))
            self.graph.nx.remove_node(node.id)

    def kind(self) -> CellKind:
        """Where edges come from, the nodes, and the nodes whose values the cell hands out."""
        sums = {node.id for node in self.graph.of_kind("sum")}
        output: list[str] = []
        frontier = ["output"]
        while frontier:
            for source in self.graph.inputs(frontier.pop(0)):
                if source in sums and source not in output:
                    output.append(source)
                elif source not in sums:
                    frontier.append(source)
        inputs = tuple(a.name for a in self.arrivals if a.name not in self.nodes)
        return CellKind(self.cell.name, inputs, tuple(self.nodes), tuple(output))
