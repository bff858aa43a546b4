"""Elaborates a space to its program: the graphs of the network and of its cells, and the choice points.

With numbers for channels and sizes the program can be lowered; with symbols it proves that the space is well
formed for all of them (`check/typecheck.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..base.diagnostics import Diagnostic, DslnasError, errors, fail, first_of_each
from ..base.source import Span
from ..ir.analysis.polynomial_order import unbounded_products
from ..ir.frontend import FrontEnds
from ..ir.graph import CellKind, Graph, GraphNode, Program
from ..ir.names import NOWHERE
from ..ir.tensortype import Dim, Domain, TensorType
from ..parse import syntax
from ..resolve.arguments import bind
from ..resolve.definitions import CellDefinition, Space
from ..resolve.values import Choice
from .cells import CellElaboration
from .choices import decided
from .fixes import Fixes
from .network import PipeElaboration
from .operations import operations_of, values_of
from .redundant import redundant_options, single_candidates
from .scope import POISON, Ref, Scope, Shared, Work
from .variants import Stream, Variant


@dataclass(frozen=True)
class Setup:
    """The inputs of elaboration: parameters of the space, the network's input, the number of classes.

    input: one type, or the front ends between which the space chooses. symbols: example values of symbols for
    messages. parts: the candidates of an edge process 1/parts of its channels (PC-DARTS). batch: examples of
    a batch in training, None where it is unknown.
    """

    parameters: Mapping[str, Any]
    input: TensorType | FrontEnds
    classes: int | Dim
    symbols: Mapping[str, int] = field(default_factory=dict)
    parts: int = 1
    batch: int | None = None


def build(
    space: Space,
    ops: Mapping[str, syntax.Op],
    setup: Setup,
    excused: Callable[[str], bool] = lambda name: False,
    elaboration: Elaborate | None = None,
    work: Work | None = None,
) -> tuple[Program | None, list[Diagnostic]]:
    """The program of a space, or None if there are errors; and its errors and warnings.

    excused: whether an operation is missing only because its text has errors; that is no error here.
    elaboration: builds the network; an observing one (`editor/types.py`) may replace the default.
    work: the operations elaborated for other spaces of the same file.
    """
    fixes = Fixes(space.fixes, setup.parameters)
    local = operations_of(space.lets, ops, space.parameters)
    shared = Shared(
        {**ops, **local},
        setup.symbols,
        setup.parameters,
        excused,
        fixes,
        work=work or Work(),
        local=local.keys(),
        parts=setup.parts,
        batch=setup.batch,
    )
    program = None
    try:
        program = (elaboration or NetworkElaboration)(shared, space, setup).program()
    except RecursionError:
        help = "name parts of it with `let` or `op`"
        shared.report(fail("N0103", f"space `{space.name}` is nested too deeply", space.span, help=help))
    doubts = single_candidates(space)
    if program is not None:
        doubts += [*fixes.unused(space), *unbounded_products(program), *redundant_options(space, program)]
    found = first_of_each([*shared.diagnostics, *doubts])
    return (None if errors(found) else program), found


class NetworkElaboration(PipeElaboration):
    """Elaborates the network: a pipe whose stages may be cells, which read the last outputs."""

    def __init__(self, shared: Shared, space: Space, setup: Setup) -> None:
        reach = max((len(cell.inputs) for cell in space.cells.values()), default=1)
        super().__init__(shared, Graph("network", _domain(setup.input)), space.sets, reach)
        self.space, self.setup = space, setup
        self.cells: dict[str, Graph] = {}
        self.kinds: dict[str, CellKind] = {}
        self._templates: dict[tuple[Any, ...], Graph | None] = {}

    def program(self) -> Program | None:
        """The program, or None once its errors are reported."""
        setup, space = self.setup, self.space
        self.channels = setup.parameters.get("channels", 1)
        self._take_in_lets()
        visible = {**self.shared.parameters, "classes": setup.classes}
        self.scope = Scope({**visible, "stride": 1, "C": self.channels})
        inputs = [(taken, Stream(x, (), self.channels)) for taken, x in self._inputs_of(setup.input)]
        starts = [Variant(taken, stream, {"input": stream}) for taken, stream in inputs]
        value = self.output(space.network, starts, Dim.of(setup.classes))
        if value is None:
            return None
        self.add(GraphNode("output", "output", value.type, span=space.network.value.span), [value.id])
        self.leave_out_unused([stream.x.id for _, stream in inputs])
        return self._finished()

    def _take_in_lets(self) -> None:
        """Evaluate the plain values that the space names, which its cells and operations see from then on."""
        shared, space = self.shared, self.space
        for let in values_of(space.lets, shared.ops, space.parameters):
            scope = Scope({**shared.parameters, "classes": self.setup.classes})
            try:
                value = self.value(let.value, scope)
            except DslnasError as error:
                shared.report(error)
                value = POISON
            shared.parameters = {**shared.parameters, let.name: value}
        shared.seen = {**shared.parameters, "classes": self.setup.classes}

    def _inputs_of(self, input: TensorType | FrontEnds) -> Iterator[tuple[Mapping[str, str], Ref]]:
        """The input of the network, for each way to decide the choices of the front end."""
        if isinstance(input, TensorType):
            yield {}, self.add(GraphNode("input", "input", input, span=self.space.span))
            return
        for point in input.points:
            self._open(point)
        for way in input.ways:
            self.taken = way.taken
            yield way.taken, self.add(GraphNode("input", "input", way.frontend.output, span=self.space.span))
        self.taken = {}

    def _finished(self) -> Program:
        """The program, with only those choices and selections that occur in its graphs."""
        graphs = (self.graph, *self.cells.values())
        held = {node.choice for graph in graphs for node in graph}
        choices = {id: point for id, point in self.shared.choices.items() if id in held}
        selections = {id: one for id, one in self.shared.selections.items() if id in held}
        return Program(self.space.name, self.graph, self.cells, self.kinds, choices, selections)

    # --- cells -------------------------------------------------------------------------------------------

    def call(
        self, name: syntax.Name, arguments: Sequence[syntax.Argument], x: Ref, scope: Scope, span: Span
    ) -> Any:
        """An operation or a cell, looked up by its name, applied to `x`."""
        if name.name in self.space.unread:
            return POISON
        if name.name not in self.space.cells:
            return super().call(name, arguments, x, scope, span)
        cell = self.space.cells[name.name]
        if self.active or self.site != NOWHERE:
            raise fail("N0206", f"cell `{cell.name}` is a stage of the network, not an operation", span)
        bound = bind(cell.name, ("channels",), arguments, span)
        if "channels" in bound:
            self.scope.values["C"] = self._channels(bound["channels"], scope)
        inputs = self._inputs(cell, x)
        graph = self._template(cell, inputs, Dim.of(self.scope.values["C"]))
        if graph is None:
            return POISON
        self.shared.spend(span)
        node = GraphNode(self.fresh(cell.name), "call", graph.output.type, cell=graph.name, span=span)
        result = self.add(node, [ref.id for ref in inputs])
        self.history.append(result)
        return result

    def _channels(self, argument: syntax.Argument, scope: Scope) -> Any:
        channels = self.plain(argument.value, scope)
        if isinstance(channels, Choice):
            channels = decided(self, "channels", channels, "channels")
        if isinstance(channels, Dim) or (type(channels) is int and channels > 0):
            return channels
        help = "give channels that can be divided so" if isinstance(channels, float) else ""
        raise fail("N0307", "a cell has a whole number of channels", argument.value.span, help=help)

    def _inputs(self, cell: CellDefinition, x: Ref) -> list[Ref]:
        """The inputs of a cell: the last outputs; the first cell reads its predecessor for each input."""
        if not self.history or self.history[-1].id != x.id:
            self.history = [x]
        if not cell.inputs:
            raise DslnasError()  # reported where the cell is defined
        history = self.history[-len(cell.inputs) :]
        return [history[0]] * (len(cell.inputs) - len(history)) + history

    def _template(self, cell: CellDefinition, inputs: list[Ref], channels: Dim) -> Graph | None:
        """The graph of a cell for these input types and channels; equal uses share it."""
        key = (cell.name, tuple(ref.type for ref in inputs), channels)
        if key not in self._templates:
            count = sum(known[0] == cell.name for known in self._templates) + 1
            graph = Graph(cell.name, self.graph.domain, count)
            scope = Scope({**self.shared.parameters, "C": channels.known or channels, "stride": 1})
            elaboration = self.cell_elaboration(graph, cell, scope)
            self._templates[key] = elaboration.cell_graph([ref.type for ref in inputs])
            if self._templates[key] is not None:
                self.cells[graph.name] = graph
                self.kinds[cell.name] = elaboration.kind()
        return self._templates[key]

    def cell_elaboration(self, graph: Graph, cell: CellDefinition, scope: Scope) -> CellElaboration:
        """The elaboration of a cell; overridden to observe it."""
        return CellElaboration(self.shared, graph, self.space.sets, cell, scope)


def _domain(input: TensorType | FrontEnds) -> Domain:
    return input.domain if isinstance(input, TensorType) else input.ways[0].frontend.domain


Elaborate = Callable[[Shared, Space, Setup], NetworkElaboration]
