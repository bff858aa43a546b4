"""Elaborates a cell to its graph: intermediates, nodes that sum their incoming edges, and the output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..ir.genotype import Node
from ..ir.graph import CellKind, Graph, GraphNode, Selection
from ..ir.names import PointName, Site, edge_id
from ..ir.tensortype import Dim, TensorType
from ..parse import syntax
from ..parse.walking import names_in
from ..resolve.definitions import CellDefinition
from ..resolve.found import Found
from ..resolve.values import RangeValue
from .edges import Edge, check_stride, strided
from .expressions import Elaboration
from .fixes import misfit
from .partial_channels import partly
from .scope import POISON, Poison, Ref, Scope, Shared


@dataclass(frozen=True)
class Arrival:
    """A possible source of edges: its name, its tensor or poison, the stride of the edges from it."""

    name: str
    ref: Ref | Poison
    stride: int
    is_node: bool = False


class CellElaboration(Elaboration):
    """Elaborates one cell for given input types and channels."""

    def __init__(
        self,
        shared: Shared,
        graph: Graph,
        sets: Mapping[str, Mapping[str, syntax.Expr]],
        cell: CellDefinition,
        scope: Scope,
    ) -> None:
        super().__init__(shared, graph, sets)
        self.cell, self.scope = cell, scope
        self.arrivals: list[Arrival] = []
        self.nodes: list[str] = []
        self.fixed: dict[str, Node] = {}

    def cell_graph(self, inputs: list[TensorType]) -> Graph | None:
        """The graph of the cell, or None once its errors are reported."""
        try:
            with self.shared.frame(f"cell `{self.cell.name}`"):
                value = self._elaborated(inputs)
                if isinstance(value, Poison):
                    return None
                self.add(GraphNode("output", "output", value.type, span=value.span), [value.id])
                self._leave_out_idle()
                return self.graph
        except DslnasError as error:
            self.shared.report(error)
            return None

    def _elaborated(self, inputs: list[TensorType]) -> Ref | Poison:
        stride = self._stride()
        adapted = names_in(item.value for item in self.cell.items if isinstance(item, syntax.Let))
        for name, type in zip(self.cell.inputs, inputs, strict=True):
            ref = self.add(GraphNode(name, "input", type, span=self.cell.span))
            self.scope.values[name] = ref
            if name not in adapted:  # edges come from the `let` that adapts an input instead
                self._arrives(Arrival(name, ref, stride), self.cell.span)
        for item in self.cell.items:
            if isinstance(item, syntax.Let):
                self._let(item, stride)
            else:
                self._node_array(item)
        return self.tensor(self.cell.value, self.scope)

    def _stride(self) -> int:
        expr = self.cell.settings.get("stride")
        stride = self.plain(expr, self.scope) if expr else 1
        if isinstance(stride, bool) or not isinstance(stride, int) or not 1 <= stride <= limits.STRIDE:
            message = f"the stride of a cell is a whole number from 1 to {limits.STRIDE}"
            raise fail("N0301", message, expr.span if expr else self.cell.span)
        return stride

    def _arrives(self, arrival: Arrival, span: Span) -> None:
        if any(arrival.name == other.name for other in self.arrivals):
            message = f"two values of `{self.cell.name}` are called `{arrival.name}`"
            raise fail("N0202", message, span, help="call one of them otherwise")
        if len(self.arrivals) == limits.ARRIVALS:
            message = f"edges of a cell come from at most {limits.ARRIVALS} inputs, intermediates and nodes"
            raise fail("N0401", message, span, help="use fewer nodes, or make an operation of intermediates")
        self.arrivals.append(arrival)

    def _let(self, let: syntax.Let, stride: int) -> None:
        """Elaborate an intermediate; edges may come from it, with the cell's stride unless it reads nodes."""
        with self.inside(Site(let=let.name)):
            try:
                value = self.value(let.value, self.scope)
            except DslnasError as error:
                self.shared.report(error)
                value = POISON
        self.scope.values[let.name] = value
        if isinstance(value, Ref | Poison):
            stride = 1 if self._made_of_nodes(value) else stride
            self._arrives(Arrival(let.name, value, stride), let.span)

    def _made_of_nodes(self, value: Ref | Poison) -> bool:
        if isinstance(value, Poison) or not self.nodes:
            return False
        sources = self.graph.ancestors(value.id) | {value.id}
        return any(name in sources for name in self.nodes)

    # --- nodes -------------------------------------------------------------------------------------------

    def _node_array(self, array: syntax.NodeArray) -> None:
        indices = self.plain(array.indices, self.scope)
        low, high = (indices.low, indices.high) if isinstance(indices, RangeValue) else (None, None)
        if type(low) is not int or type(high) is not int:
            raise fail("N0301", "nodes are counted by a range", array.indices.span, help="`node n[1..nodes]`")
        if low != 1:
            raise fail("N0301", "nodes are counted from 1", array.indices.span, help="`node n[1..nodes]`")
        if not 1 <= high <= limits.NODES:
            raise fail("N0301", f"{high} nodes; a cell has 1 to {limits.NODES}", array.indices.span)
        if self._fixed(f"{array.name}1"):  # the genotype determines the number of nodes
            numbers = takewhile(lambda n: self._fixed(f"{array.name}{n}"), range(1, limits.NODES + 1))
            high = len(list(numbers))
        refs: list[Ref | Poison] = []
        for index in range(low, high + 1):
            name = f"{array.name}{index}"
            refs.append(self._node(name, array))
            self.nodes.append(name)
            self._arrives(Arrival(name, refs[-1], 1, is_node=True), array.span)
        self.scope.values[array.name] = tuple(refs)

    def _node(self, name: str, array: syntax.NodeArray) -> Ref | Poison:
        try:
            with self.shared.frame(f"node {name}"):
                edges = self._edges(name, array)
                if any(isinstance(ref, Poison) for ref in edges.values()):
                    return POISON
                return self._sum(name, array, {s: r for s, r in edges.items() if isinstance(r, Ref)})
        except DslnasError as error:
            self.shared.report(error)
            return POISON

    def _fixed(self, node: str) -> tuple[Node, Found] | None:
        return self.shared.fixes.node(PointName(self.cell.name, node, node))

    def _edges(self, node: str, array: syntax.NodeArray) -> dict[str, Ref | Poison]:
        """The tensor of each incoming edge by the name of its source; of a fixed node, of the kept edges."""
        each = _comprehension(array)
        if not self.arrivals:
            raise fail("N0206", "nothing is earlier than this node", array.value.span)
        arrivals = {arrival.name: arrival for arrival in self.arrivals}
        if fixed := self._fixed(node):
            self.fixed[node], fix = fixed
            for edge in self.fixed[node].edges:
                if edge.source not in arrivals:
                    message = (
                        f"node {node} of cell `{self.cell.name}` is fixed to an edge from `{edge.source}`"
                    )
                    id = edge_id(self.cell.name, node, edge.source)
                    help = f"edges come from {', '.join(arrivals)}"
                    raise DslnasError(misfit(fix, id, message, help))
            kept = {edge.source for edge in self.fixed[node].edges}
            arrivals = {name: arrival for name, arrival in arrivals.items() if name in kept}
        return {name: self._arriving(node, arrival, each) for name, arrival in arrivals.items()}

    def _arriving(self, node: str, arrival: Arrival, each: syntax.Comprehension) -> Ref | Poison:
        if isinstance(arrival.ref, Poison):
            return POISON
        scope = self.scope.inner(**{each.variable: arrival.ref, "stride": arrival.stride})
        last = each.value.stages[-1] if isinstance(each.value, syntax.Pipe) else each.value
        choice = last if isinstance(last, syntax.Choose) else None
        self.edge = Edge(node, arrival.name, choice, strided(arrival.ref.type, scope))
        try:
            text, point = f"edge {arrival.name} -> {node}", PointName(self.owner, node)
            with self.shared.frame(text, point.decision(arrival.name)), self.inside(self.edge.site):
                value = self._edge_value(self.edge, each, arrival.ref, scope)
                wanted, place = strided(arrival.ref.type, scope), each.value.span
                check_stride("dataflow", value, arrival.ref, arrival.stride, wanted, place)
                return value
        finally:
            self.edge = None

    def _edge_value(self, edge: Edge, each: syntax.Comprehension, x: Ref, scope: Scope) -> Ref | Poison:
        """The tensor of an edge; with partial channels (PC-DARTS), candidates process a part of them."""
        if self.shared.parts == 1 or edge.choice is None or self._fixed(edge.node):
            return self.tensor(each.value, scope)

        def mixed(part: Ref, channels: Dim) -> Ref | Poison:
            inner = scope.inner(**{each.variable: part, "C": channels.known})
            self.edge = replace(edge, wanted=strided(part.type, inner))
            return self.tensor(each.value, inner)

        return partly(self, x, Dim.of(scope.find("C")), scope.find("stride"), mixed, each.value.span)

    def _sum(self, name: str, array: syntax.NodeArray, edges: Mapping[str, Ref]) -> Ref:
        refs = list(edges.values())
        point = PointName(self.owner, name)
        for source, ref in edges.items():
            if ref.type != refs[0].type:
                message = f"edges of different type meet: `{refs[0].type}` and, from {source}, `{ref.type}`"
                with self.shared.frame("", point.decision(next(iter(edges)), source)):
                    raise fail(
                        "N0302", message, array.value.span, symbols=ref.type.symbols | refs[0].type.symbols
                    )
        if name in self.fixed:  # a plain sum, as in the pruned network
            return self.add(GraphNode(name, "primitive", refs[0].type, "add", span=array.span), _ids(refs))
        keep = self._kept(array, len(edges))
        choices = tuple(self._edge_choice(name, source) for source in edges)
        self.shared.selections[point.id] = Selection(self.owner, name, tuple(edges), choices, keep)
        node = GraphNode(name, "sum", refs[0].type, choice=point.id, labels=tuple(edges), span=array.span)
        return self.add(node, _ids(refs))

    def _edge_choice(self, node: str, source: str) -> str:
        """The id of the choice point that is a whole edge; empty for an edge with other choices or none."""
        id = edge_id(self.owner, node, source)
        return id if id in self.shared.choices else ""

    def _kept(self, array: syntax.NodeArray, arriving: int) -> int:
        if array.keep is None:
            return arriving
        keep = self.plain(array.keep, self.scope)
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
            raise fail("N0301", "`keep` takes a whole number of edges", array.keep.span)
        if keep > arriving:
            message = f"`keep {keep}` where {arriving} edge{'s arrive' if arriving > 1 else ' arrives'}"
            self.shared.report(fail("N0405", message, array.keep.span, help=f"keep at most {arriving}"))
            return arriving
        return keep

    # --- the finished cell -------------------------------------------------------------------------------

    def _leave_out_idle(self) -> None:
        """Remove nodes that do not reach the output; a warning for each node of the cell among them."""
        idle = self.leave_out_unused(self.cell.inputs)
        for span in dict.fromkeys(node.span for node in idle):
            names = [node.id for node in idle if node.span == span]
            shown = f"node {names[0]} is" if len(names) == 1 else f"nodes {', '.join(names)} are"
            message = f"{shown} used by nothing"
            self.shared.report(DslnasError(Diagnostic("N0402", message, span, severity="warning")))
        self.nodes = [name for name in self.nodes if name in self.graph]

    def kind(self) -> CellKind:
        """The structure of the cell: sources of edges, nodes, and the nodes in its output."""
        sums = set(self.nodes)
        output: list[str] = []
        frontier, seen = ["output"], {"output"}
        while frontier:
            for source in self.graph.inputs(frontier.pop(0)):
                if source in seen:
                    continue
                seen.add(source)
                (output if source in sums else frontier).append(source)
        inputs = tuple(arrival.name for arrival in self.arrivals if not arrival.is_node)
        fixed = tuple(self.fixed[name] for name in self.nodes if name in self.fixed)
        return CellKind(self.cell.name, inputs, tuple(self.nodes), tuple(output), fixed)


def _ids(refs: Iterable[Ref]) -> list[str]:
    return [ref.id for ref in refs]


def _comprehension(array: syntax.NodeArray) -> syntax.Comprehension:
    """The `... for p in earlier` of a node; raises DslnasError N0206 for any other expression."""
    match array.value:
        case syntax.Call(
            function=syntax.Name(name="sum"),
            arguments=[
                syntax.Argument(value=syntax.Comprehension(iterable=syntax.Name(name="earlier")) as each)
            ],
        ):
            return each
    help = "`sum(choose candidates(p) for p in earlier)`"
    raise fail("N0206", "a node is a sum over what is earlier in its cell", array.value.span, help=help)
