"""Expressions to graph nodes: every value gets its type as it is made, so that a mistake has one place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, Label, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.graph import ChoicePoint, Graph, GraphNode
from ..ir.primitives import REGISTRY
from ..ir.primitives.frontend import FRONT_END_PARAMETERS
from ..ir.primitives.registry import Primitive, TypeRuleError
from ..ir.tensortype import TensorType
from ..parse import syntax
from ..parse.vocabulary import FUNCTIONS, WORDS
from ..resolve.arguments import attributes, bind
from ..resolve.values import Choice, binary, evaluate
from .choices import choose, choose_candidates, decided, searched
from .scope import POISON, Poison, Ref, Scope, Shared, sound

if TYPE_CHECKING:
    pass


JOINS = {"+": "add", "*": "multiply"}


@dataclass(frozen=True)
class Edge:
    """The edge whose value is being made.

    choice: the `choose` that the edge ends with, if it does; wanted: what its options must then hand out.
    """

    node: str
    source: str
    choice: syntax.Choose | None
    wanted: TensorType

    @property
    def name(self) -> str:
        return f"{self.node}<-{self.source}"


class Elaboration:
    """Builds one graph from expressions."""

    def __init__(self, shared: Shared, graph: Graph, sets: Mapping[str, Mapping[str, syntax.Expr]]) -> None:
        self.shared = shared
        self.graph = graph
        self.sets = sets
        self.path: list[str] = []
        self.edge: Edge | None = None
        self.owner = graph.name.split(":")[0]  # the kind of cell, or `network`
        self.made: list[tuple[GraphNode, tuple[str, ...]]] = []
        self.active: list[str] = []  # the operations inside of which elaboration is
        self.taken: Mapping[str, str] = {}  # choice point -> the option of the variant that is being made
        self._count: dict[str, int] = {}

    # --- names and ids -----------------------------------------------------------------------------------

    @contextmanager
    def inside(self, *names: str) -> Iterator[None]:
        """Ids made inside begin with these names instead of those around."""
        outer, self.path = self.path, list(names)
        try:
            yield
        finally:
            self.path = outer

    @contextmanager
    def option(self, point: str, label: str, text: str) -> Iterator[None]:
        """Inside one option of a choice: where ids and errors belong."""
        with self.shared.frame(text, f"{self.owner}/{point}", label), self.inside(point, label):
            yield

    def fresh(self, name: str) -> str:
        """An id that nothing has yet."""
        base = "/".join([*self.path, name])
        while True:
            self._count[base] = self._count.get(base, 0) + 1
            id = f"{base}_{self._count[base]}"
            if id not in self.graph:
                return id

    def add(self, node: GraphNode, inputs: Sequence[str] = ()) -> Ref:
        """Add a node to the graph; raises DslnasError where the text gives two values one name."""
        if node.id in self.graph:
            message = f"two values of `{self.owner}` are called `{node.id}`"
            raise fail("N0202", message, node.span, help="call one of them otherwise")
        self.graph.add(node, inputs)
        self.made.append((node, tuple(inputs)))
        return Ref(node.id, node.type, node.span)

    def undecided(self, point: ChoicePoint, error: DslnasError) -> NoReturn:
        """Called where a choice must be decided before anything that follows is made; raises."""
        raise error

    def lookup(self, scope: Scope) -> Any:
        """Names as `evaluate` asks for them."""

        def find(name: syntax.Name) -> Any:
            try:
                return sound(scope.find(name.name))
            except KeyError:
                pass
            if name.name in WORDS:
                return name.name
            hint = did_you_mean(name.name, [*scope.names(), *WORDS])
            if self._is_operation(name.name):
                hint = f"an operation needs an input: `x -> {name.name}`"
            elif self.shared.excused(name.name):
                raise DslnasError()
            raise fail("N0201", f"nothing is named `{name.name}` here", name.span, help=hint)

        return find

    def leave_out_unused(self, inputs: Collection[str] = ()) -> list[GraphNode]:
        """Remove what reaches no output, `inputs` apart; the sums of cells that went with it."""
        alive = self.graph.ancestors("output") | {"output", *inputs}
        self.graph.remove([node.id for node in self.graph if node.id not in alive])
        return [node for node, _ in self.made if node.kind == "sum" and node.id not in alive]

    # --- values ------------------------------------------------------------------------------------------

    def value(self, expr: syntax.Expr, scope: Scope) -> Any:
        """The value of an expression: a tensor (`Ref`), poison, or a plain value."""
        match expr:
            case syntax.Pipe():
                x = self.value(expr.value, scope)
                for stage in expr.stages:
                    x = self.apply(stage, x, scope)
                return x
            case syntax.Binary():
                return self._binary(expr, scope)
            case syntax.Conditional():
                return self.value(self._branch(expr, scope), scope)
            case syntax.Choose(candidates=None):
                return choose(self, expr, None, scope)
            case syntax.Choose():
                return choose_candidates(self, expr, scope)
            case syntax.Call() if expr.function.name in FUNCTIONS:
                return self._function(expr, scope)
            case syntax.Call() if self._is_operation(expr.function.name):
                return self._source(expr, scope)
            case syntax.Name() if scope.has(expr.name):
                value = scope.find(expr.name)
                return replace(value, span=expr.span) if isinstance(value, Ref) else value
            case syntax.Index():
                return self._indexed(expr, scope)
            case _:
                return evaluate(expr, self.lookup(scope))

    def tensor(self, expr: syntax.Expr, scope: Scope) -> Ref | Poison:
        """The value of an expression that must be a tensor."""
        return self.checked_tensor(self.value(expr, scope), expr.span)

    def checked_tensor(self, value: Any, span: Span) -> Ref | Poison:
        """The value, if it is a tensor or poison."""
        if isinstance(value, Choice):
            help = "write the `choose` where the value is an argument: `conv(choose {3, 5})`"
            raise fail("N0206", "a tensor is expected here", span, help=help)
        if not isinstance(value, Ref | Poison):
            raise fail("N0206", "a tensor is expected here", span)
        return value

    def plain(self, expr: syntax.Expr, scope: Scope) -> Any:
        """The value of an expression that must not be poison."""
        return sound(self.value(expr, scope))

    def _branch(self, expr: syntax.Conditional, scope: Scope) -> syntax.Expr:
        condition = self.plain(expr.condition, scope)
        if not isinstance(condition, bool):
            raise fail("N0301", "a condition must be true or false", expr.condition.span)
        return expr.then if condition else expr.otherwise

    def _binary(self, expr: syntax.Binary, scope: Scope) -> Any:
        left, right = self.value(expr.left, scope), self.value(expr.right, scope)
        if isinstance(left, Poison) or isinstance(right, Poison):
            return POISON
        if not (isinstance(left, Ref) or isinstance(right, Ref)):
            return binary(expr, left, right)
        for side, value in ((expr.left, left), (expr.right, right)):
            if not isinstance(value, Ref):
                raise fail("N0206", f"`{expr.operator}` joins a tensor with a plain value", side.span)
        if expr.operator not in JOINS:
            raise fail(
                "N0206", f"tensors are joined by `+` and `*`, not by `{expr.operator}`", expr.operator_span
            )
        refs = (replace(left, span=expr.left.span), replace(right, span=expr.right.span))
        return self.emit(JOINS[expr.operator], {}, refs, expr.operator_span, expr.span)

    def _indexed(self, expr: syntax.Index, scope: Scope) -> Any:
        array = self.plain(expr.base, scope)
        index = self.plain(expr.index, scope)
        if not isinstance(array, tuple):
            raise fail("N0206", "only a node array has an index", expr.base.span)
        if isinstance(index, bool) or not isinstance(index, int) or not 1 <= index <= len(array):
            raise fail("N0301", f"the index must be 1 .. {len(array)}", expr.index.span)
        return array[index - 1]

    def _function(self, call: syntax.Call, scope: Scope) -> Any:
        """`concat`, `sum` and `size`: what the language itself does with tensors."""
        name = call.function.name
        values = [self.value(argument.value, scope) for argument in call.arguments]
        items = [item for value in values for item in (value if isinstance(value, tuple) else (value,))]
        if any(isinstance(item, Poison) for item in items):
            return POISON
        if name == "size":
            if len(values) == 1 and isinstance(values[0], Ref):
                return values[0].type.size
            raise fail("N0207", "`size` takes one tensor", call.span)
        if not items or not all(isinstance(item, Ref) for item in items):
            raise fail("N0207", f"`{name}` takes tensors or a node array", call.span)
        return self.emit("add" if name == "sum" else name, {}, tuple(items), call.span)

    # --- stages ------------------------------------------------------------------------------------------

    def apply(self, stage: syntax.Expr, x: Any, scope: Scope) -> Any:
        """The stage applied to a tensor: an operation, a repeated one, or an expression over `x`."""
        if isinstance(x, Poison):
            return POISON
        if not isinstance(x, Ref):
            raise fail("N0206", "`->` pipes a tensor", stage.span)
        match stage:
            case syntax.Name():
                return self.call(stage, (), x, scope, stage.span)
            case syntax.Call() if stage.function.name not in FUNCTIONS:
                return self.call(stage.function, stage.arguments, x, scope, stage.span)
            case syntax.Times():
                for _ in range(self._times(stage, scope)):
                    self.shared.spend(stage.span, limits.REPEATED)
                    x = self.apply(stage.stage, x, scope)
                return x
            case syntax.Conditional():
                return self.apply(self._branch(stage, scope), x, scope)
            case syntax.Choose(candidates=None):
                return choose(self, stage, x, scope)
            case _:
                return self.value(stage, scope.inner(x=x, C_in=x.type.channels))

    def _times(self, stage: syntax.Times, scope: Scope) -> int:
        count = self.plain(stage.count, scope)
        if isinstance(count, Choice):
            count = decided(self, "depth", count, "depth")
        return self.times(count, stage)

    def times(self, count: Any, stage: syntax.Times) -> int:
        """How often a stage is applied; raises DslnasError where that is no such number."""
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= limits.REPEATS:
            raise fail("N0301", f"`times` takes a whole number from 0 to {limits.REPEATS}", stage.count.span)
        return count

    def _is_operation(self, name: str) -> bool:
        return name in self.shared.ops or name in REGISTRY

    def call(
        self, name: syntax.Name, arguments: Sequence[syntax.Argument], x: Ref, scope: Scope, span: Span
    ) -> Any:
        """An operation by its name, with arguments, on `x`."""
        self.shared.spend(span)
        if name.name in self.shared.ops:
            return defined(self, self.shared.ops[name.name], arguments, x, scope, span)
        if name.name in REGISTRY:
            primitive = REGISTRY[name.name]
            if primitive.inputs != 1:
                raise fail("N0206", f"`{name.name}` is no stage of a pipe", name.span)
            return built_in(self, primitive, arguments, (x,), scope, span)
        if self.shared.excused(name.name):
            return POISON
        hint = did_you_mean(name.name, [*self.shared.ops, *REGISTRY])
        if not hint and scope.has(name.name):
            hint = f"`{name.name}` is a value: join tensors by `+`, `*` or `concat`"
        raise fail("N0201", f"there is no operation `{name.name}`", name.span, help=hint)

    def _source(self, call: syntax.Call, scope: Scope) -> Any:
        """A primitive without input, such as `wave(16kHz, 1s)`."""
        primitive = REGISTRY.get(call.function.name)
        if primitive is None or primitive.inputs != 0:
            help = f"`x -> {call.function.name}(...)`; where branches join, put each pipe in parentheses"
            raise fail("N0206", f"`{call.function.name}` needs an input", call.span, help=help)
        return built_in(self, primitive, call.arguments, (), scope, call.span)

    # --- nodes -------------------------------------------------------------------------------------------

    def emit(
        self,
        name: str,
        attributes: Mapping[str, Any],
        inputs: tuple[Ref, ...],
        span: Span,
        whole: Span | None = None,
    ) -> Ref:
        """A primitive applied to tensors; raises DslnasError where its type rule refuses them.

        span: where a mistake is shown; whole: the text of the value, where that is more.
        """
        primitive = REGISTRY[name]
        for domain in {ref.type.domain for ref in inputs} - primitive.domains:
            help = "`domain = real`, or cast before it: `-> magnitude` or `-> real_imag`"
            self.shared.report(fail("N0308", f"`{name}` has no {domain} form", span, help=help))
        try:
            type = primitive.type_rule(tuple(ref.type for ref in inputs), attributes, self.graph.domain)
        except TypeRuleError as error:
            raise self._type_error(error, inputs, span) from None
        if any(dim.beyond(limits.COEFFICIENT, limits.ROUNDINGS) for dim in (type.channels, *type.size)):
            message = "the channels or the size that this hands out are beyond any network's"
            raise fail("N0307", message, span)
        found = tuple(sorted(attributes.items()))
        node = GraphNode(self.fresh(name), "primitive", type, name, found, span=whole or span)
        return self.add(node, [ref.id for ref in inputs])

    def _type_error(self, error: TypeRuleError, inputs: tuple[Ref, ...], span: Span) -> DslnasError:
        labels = tuple(Label(ref.span, f"`{ref.type}`") for ref in inputs if ref.span and ref.span != span)
        return DslnasError(Diagnostic(error.code, error.message, span, "", labels, help=error.help))


def defined_by_itself(members: Iterable[str], ops: Mapping[str, syntax.Op]) -> Diagnostic:
    """The error for operations of which each uses the next, told at the one that stands first."""
    first, *others = sorted(members, key=list(ops).index)
    through = f", through {', '.join(f'`{name}`' for name in others)}" if others else ""
    return Diagnostic("N0205", f"`{first}` is defined by itself{through}", ops[first].span)


def built_in(
    here: Elaboration,
    primitive: Primitive,
    arguments: Sequence[syntax.Argument],
    inputs: tuple[Ref, ...],
    scope: Scope,
    span: Span,
) -> Any:
    """A primitive on tensors; any of its arguments may be searched."""
    values = {id(argument): here.plain(argument.value, scope) for argument in arguments}
    place = {name: scope.find(name) for name in ("C", *FRONT_END_PARAMETERS) if scope.has(name)}
    unnamed = [parameter.name for parameter in primitive.parameters if not parameter.keyword_only]
    names = {id(a): a.name or (unnamed[n] if n < len(unnamed) else "") for n, a in enumerate(arguments)}
    given = {names[key]: value for key, value in values.items()}

    def make(fixed: Mapping[str, Any]) -> Ref:
        def value_of(argument: syntax.Argument) -> Any:
            return fixed[names[id(argument)]]

        found = attributes(primitive.name, primitive.parameters, arguments, value_of, place, span)
        return here.emit(primitive.name, found, inputs, span)

    return searched(here, primitive.name, given, make, span)


def defined(
    here: Elaboration, op: syntax.Op, arguments: Sequence[syntax.Argument], x: Ref, scope: Scope, span: Span
) -> Any:
    """An operation of a file on `x`; any of its parameters may be searched."""
    if op.name in here.active:
        circle = here.active[here.active.index(op.name) :]
        raise DslnasError(defined_by_itself(circle, here.shared.ops))
    if len(here.active) == limits.OPERATIONS:
        raise fail("N0103", f"operations are nested deeper than {limits.OPERATIONS}", span)
    bound = bind(op.name, [parameter.name for parameter in op.parameters], arguments, span)
    given = {name: here.plain(argument.value, scope) for name, argument in bound.items()}
    inner = Scope({"stride": scope.find("stride"), "C": scope.find("C"), "x": x, "C_in": x.type.channels})
    for parameter in op.parameters:
        if parameter.name not in given:
            if parameter.default is None:
                raise fail("N0207", f"`{op.name}` needs `{parameter.name}`", span)
            given[parameter.name] = here.plain(parameter.default, inner)
    return searched(here, op.name, given, lambda fixed: _body(here, op, inner.inner(**fixed)), span)


def _body(here: Elaboration, op: syntax.Op, scope: Scope) -> Any:
    here.active.append(op.name)
    try:
        with here.shared.frame(f"`{op.name}`"):
            for let in op.body.lets:
                scope.values[let.name] = here.value(let.value, scope)
            return here.tensor(op.body.value, scope)
    finally:
        here.active.pop()
