"""Expressions to graph nodes: every value gets its type as it is made, so that a mistake has one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from . import syntax
from .arguments import attributes as bind_attributes
from .arguments import bind
from .diagnostics import Diagnostic, DslnasError, Label, fail
from .graph import ChoicePoint, Graph, GraphNode, Selection
from .primitives import REGISTRY
from .primitives.frontend import FRONT_END_PARAMETERS
from .primitives.registry import Primitive, TypeRuleError
from .resolve import did_you_mean
from .source import Span
from .tensortype import Dim, TensorType
from .values import WORDS, Choice, binary, evaluate

JOINS = {"+": "add", "*": "multiply"}
FUNCTIONS = ("concat", "sum", "size")
CHOICE_LIMIT = 256  # options of one choice point


@dataclass(frozen=True)
class Ref:
    """A tensor: the node that computes it, and the text that names it."""

    id: str
    type: TensorType
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Arrival:
    """Something an edge may come from: its name, its tensor, and the stride of edges that leave it."""

    name: str
    ref: Any
    stride: int


class Poison:
    """The value of what was already reported: everything made of it is poison as well, silently."""


POISON = Poison()


@dataclass
class Shared:
    """What the graphs of one program have in common while they are built."""

    ops: Mapping[str, syntax.Op]
    symbols: Mapping[str, int]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    choices: dict[str, ChoicePoint] = field(default_factory=dict)
    selections: dict[str, Selection] = field(default_factory=dict)

    def report(self, error: DslnasError) -> None:
        for diagnostic in error.diagnostics:
            where = (f"in: {', '.join(error.frames)}",) if error.frames else ()
            self.diagnostics.append(replace(diagnostic, notes=(*where, *diagnostic.notes)))


@contextmanager
def frame(text: str) -> Iterator[None]:
    """Name the place for errors that pass through it."""
    try:
        yield
    except DslnasError as error:
        error.frames.insert(0, text)
        raise


class Scope:
    """Names in sight; inner ones hide outer ones."""

    def __init__(self, values: Mapping[str, Any], outer: Scope | None = None) -> None:
        self.values = dict(values)
        self.outer = outer

    def inner(self, **values: Any) -> Scope:
        return Scope(values, self)

    def find(self, name: str) -> Any:
        """The value; raises KeyError."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        raise KeyError(name)

    def has(self, name: str) -> bool:
        return name in self.names()

    def names(self) -> list[str]:
        return [*self.values, *(self.outer.names() if self.outer else [])]


class Elaboration:
    """Builds one graph from expressions."""

    def __init__(self, shared: Shared, graph: Graph, sets: Mapping[str, Mapping[str, syntax.Expr]]) -> None:
        self.shared = shared
        self.graph = graph
        self.sets = sets
        self.path: list[str] = []
        self.edge: tuple[str, str] | None = None  # (node, source) while the options of an edge are made
        self.owner = graph.name.split(":")[0]  # the kind of cell, or `network`
        self._active: list[str] = []
        self._count: dict[str, int] = {}

    # --- names and ids -----------------------------------------------------------------------------------

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """Ids made inside begin with `name/`."""
        self.path.append(name)
        yield
        self.path.pop()

    def fresh(self, name: str) -> str:
        base = "/".join([*self.path, name])
        self._count[base] = self._count.get(base, 0) + 1
        return f"{base}_{self._count[base]}"

    def lookup(self, scope: Scope) -> Any:
        def find(name: syntax.Name) -> Any:
            try:
                return scope.find(name.name)
            except KeyError:
                pass
            if name.name in WORDS:
                return name.name
            hint = did_you_mean(name.name, [*scope.names(), *self.shared.ops, *REGISTRY])
            if name.name in self.shared.ops or name.name in REGISTRY:
                hint = f"an operation needs an input: `x -> {name.name}`"
            raise fail("N0201", f"nothing is named `{name.name}` here", name.span, help=hint)

        return find

    # --- values ------------------------------------------------------------------------------------------

    def value(self, expr: syntax.Expr, scope: Scope) -> Any:
        """The value of an expression: a tensor (`Ref`), poison, or a plain value."""
        match expr:
            case syntax.Pipe():
                return self.apply(expr.stage, self.value(expr.value, scope), scope)
            case syntax.Binary():
                return self._binary(expr, scope)
            case syntax.Conditional():
                return self.value(self._branch(expr, scope), scope)
            case syntax.Choose(candidates=call) if call is not None:
                return self._choose_from(call, scope, expr.span)
            case syntax.Call() if expr.function.name in FUNCTIONS:
                return self._function(expr, scope)
            case syntax.Call() if self._is_operation(expr.function.name):
                return self._source(expr, scope)
            case syntax.Name():
                value = evaluate(expr, self.lookup(scope))
                return replace(value, span=expr.span) if isinstance(value, Ref) else value
            case syntax.Index():
                return self._indexed(expr, scope)
            case _:
                return evaluate(expr, self.lookup(scope))

    def tensor(self, expr: syntax.Expr, scope: Scope) -> Ref | Poison:
        value = self.value(expr, scope)
        if not isinstance(value, Ref | Poison):
            raise fail("N0206", "a tensor is expected here", expr.span)
        return value

    def caught(self, expr: syntax.Expr, scope: Scope) -> Any:
        """The value, or poison once its errors are reported."""
        try:
            return self.value(expr, scope)
        except DslnasError as error:
            self.shared.report(error)
            return POISON

    def _branch(self, expr: syntax.Conditional, scope: Scope) -> syntax.Expr:
        condition = self.value(expr.condition, scope)
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
            raise fail("N0206", f"tensors are joined by `+` and `*`, not by `{expr.operator}`", expr.operator_span)
        refs = (replace(left, span=expr.left.span), replace(right, span=expr.right.span))
        return self.emit(JOINS[expr.operator], {}, refs, expr.operator_span, expr.span)

    def _indexed(self, expr: syntax.Index, scope: Scope) -> Any:
        array = self.value(expr.base, scope)
        index = evaluate(expr.index, self.lookup(scope))
        if isinstance(array, Poison):
            return POISON
        if not isinstance(array, tuple):
            raise fail("N0206", "only a node array has an index", expr.base.span)
        if not isinstance(index, int) or not 1 <= index <= len(array):
            raise fail("N0301", f"the index must be 1 .. {len(array)}", expr.index.span)
        return array[index - 1]

    # --- functions of the language -----------------------------------------------------------------------

    def _function(self, call: syntax.Call, scope: Scope) -> Any:
        name = call.function.name
        values = [self.value(a.value, scope) for a in call.arguments]
        if name == "size":
            if len(values) == 1 and isinstance(values[0], Ref):
                return values[0].type.size
            if any(isinstance(value, Poison) for value in values):
                return POISON
            raise fail("N0207", "`size` takes one tensor", call.span)
        refs = [ref for value in values for ref in (value if isinstance(value, tuple) else (value,))]
        if any(isinstance(ref, Poison) for ref in refs):
            return POISON
        if not refs or not all(isinstance(ref, Ref) for ref in refs):
            raise fail("N0207", f"`{name}` takes tensors or a node array", call.span)
        return self.emit("add" if name == "sum" else name, {}, tuple(refs), call.span, call.span)

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
                    x = self.apply(stage.stage, x, scope)
                return x
            case syntax.Conditional():
                return self.apply(self._branch(stage, scope), x, scope)
            case syntax.Choose(options=options) if options:
                return self._choose(stage, x, scope)
            case _:
                return self.value(stage, scope.inner(x=x, C_in=x.type.channels))

    def _times(self, stage: syntax.Times, scope: Scope) -> int:
        count = evaluate(stage.count, self.lookup(scope))
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 1000:
            raise fail("N0301", "`times` takes a whole number from 0 to 1000", stage.count.span)
        return count

    def _is_operation(self, name: str) -> bool:
        return name in self.shared.ops or name in REGISTRY

    def call(
        self, name: syntax.Name, arguments: Sequence[syntax.Argument], x: Ref, scope: Scope, span: Span
    ) -> Any:
        """An operation by its name, with arguments, on `x`."""
        if name.name in self.shared.ops:
            return self._op(self.shared.ops[name.name], arguments, x, scope, span)
        if name.name in REGISTRY:
            primitive = REGISTRY[name.name]
            if primitive.inputs != 1:
                raise fail("N0206", f"`{name.name}` is no stage of a pipe", name.span)
            found = self._attributes(primitive, arguments, scope, span)
            return self.emit(primitive.name, found, (x,), span, span)
        hint = did_you_mean(name.name, [*self.shared.ops, *REGISTRY])
        raise fail("N0201", f"there is no operation `{name.name}`", name.span, help=hint)

    def _source(self, call: syntax.Call, scope: Scope) -> Ref:
        """A primitive without input, such as `wave(16kHz, 1s)`."""
        primitive = REGISTRY.get(call.function.name)
        if primitive is None or primitive.inputs != 0:
            help = f"`x -> {call.function.name}(...)`"
            raise fail("N0206", f"`{call.function.name}` needs an input", call.span, help=help)
        return self.emit(primitive.name, self._attributes(primitive, call.arguments, scope, call.span), (), call.span)

    def _attributes(
        self, primitive: Primitive, arguments: Sequence[syntax.Argument], scope: Scope, span: Span
    ) -> dict[str, Any]:
        place = {name: scope.find(name) for name in ("C", *FRONT_END_PARAMETERS) if scope.has(name)}

        def value(expr: syntax.Expr) -> Any:
            return self.value(expr, scope)

        return bind_attributes(primitive.name, primitive.parameters, arguments, value, place, span)

    def _op(
        self, op: syntax.Op, arguments: Sequence[syntax.Argument], x: Ref, scope: Scope, span: Span
    ) -> Any:
        if op.name in self._active:
            raise fail("N0205", f"`{op.name}` is defined by itself", span)
        names = [parameter.name for parameter in op.parameters]
        bound = bind(op.name, names, arguments, span)
        given = {name: self.value(argument.value, scope) for name, argument in bound.items()}
        if any(isinstance(value, Poison) for value in given.values()):
            return POISON
        place = {name: scope.find(name) for name in ("stride", "C")}
        inner = Scope({**place, "x": x, "C_in": x.type.channels})
        for parameter in op.parameters:
            if parameter.name not in given:
                if parameter.default is None:
                    raise fail("N0207", f"`{op.name}` needs `{parameter.name}`", span)
                given[parameter.name] = self.value(parameter.default, inner)
        searched = [name for name, value in given.items() if isinstance(value, Choice)]
        if searched:
            return self._searched(op, given, searched, inner, span)
        return self._body(op, inner.inner(**given))

    def _body(self, op: syntax.Op, scope: Scope) -> Any:
        self._active.append(op.name)
        try:
            with frame(f"`{op.name}`"):
                for let in op.body.lets:
                    scope.values[let.name] = self.value(let.value, scope)
                return self.tensor(op.body.value, scope)
        finally:
            self._active.pop()

    # --- choices -----------------------------------------------------------------------------------------

    def _searched(
        self, op: syntax.Op, given: Mapping[str, Any], searched: Sequence[str], scope: Scope, span: Span
    ) -> Any:
        """An operation some of whose parameters are searched: every combination is an option."""
        point = self.fresh(op.name)
        options: dict[str, Any] = {}
        combinations = list(product(*(given[name].options for name in searched)))
        if len(combinations) > CHOICE_LIMIT:
            raise fail("N0301", f"{len(combinations)} options at one place are too many", span)
        for values in combinations:
            fixed = dict(zip(searched, values, strict=True))
            label = ", ".join(f"{name} = {value}" for name, value in fixed.items())
            with self.at(f"{point}/{label}"):
                options[label] = self._body(op, scope.inner(**{**given, **fixed}))
        return self.mix(point, options, span)

    def _choose(self, stage: syntax.Choose, x: Ref, scope: Scope) -> Any:
        """`x -> choose {a, b}`: each option applied to `x`; an option is named by its text."""
        point = self.fresh("choose")
        options: dict[str, Any] = {}
        for option in stage.options:
            label = " ".join(option.span.text.split())
            with self.at(f"{point}/{label}"):
                options[label] = self.apply(option, x, scope)
        return self.mix(point, options, stage.span)

    def _choose_from(self, call: syntax.Call, scope: Scope, span: Span) -> Any:
        """`choose candidates(p)`: the candidates of a set, each applied to `p`."""
        name = call.function.name
        if name not in self.sets:
            hint = did_you_mean(name, self.sets)
            raise fail("N0201", f"there is no set of candidates `{name}`", call.function.span, help=hint)
        if len(call.arguments) != 1:
            raise fail("N0207", f"`choose {name}(p)` takes one tensor", call.span)
        x = self.tensor(call.arguments[0].value, scope)
        if isinstance(x, Poison):
            return POISON
        point = "<-".join(self.edge) if self.edge else self.fresh("choose")
        options = {label: self._option(label, option, x, scope) for label, option in self.sets[name].items()}
        sound = {label: ref for label, ref in options.items() if isinstance(ref, Ref)}
        if not sound:  # all are reported: go on with the type that the edge needs
            wanted = self._wanted(x, scope)
            return Ref(self.graph.add(GraphNode(self.fresh("unknown"), "input", wanted)), wanted, span)
        return self.mix(point, sound, span)

    def _option(self, label: str, option: syntax.Expr, x: Ref, scope: Scope) -> Any:
        """One candidate, or poison once its errors are reported."""
        point = "<-".join(self.edge) if self.edge else ""
        try:
            with frame(f"candidate `{label}` = {' '.join(option.span.text.split())}"), self.at(point), self.at(label):
                result = self.apply(option, x, scope)
                self._expect(result, x, scope, option)
                return result
        except DslnasError as error:
            error.frames[:0] = self._frames()
            self.shared.report(error)
            return POISON

    def _frames(self) -> list[str]:
        return [f"cell `{self.owner}`", f"edge {self.edge[1]} -> {self.edge[0]}"] if self.edge else []

    def _expect(self, result: Any, x: Ref, scope: Scope, option: syntax.Expr) -> None:
        """A candidate must hand out `C` channels, at the size that the edge's stride leaves."""
        if not isinstance(result, Ref):
            return
        stride, wanted = scope.find("stride"), self._wanted(x, scope)
        if result.type == wanted:
            return
        if stride != 1 and result.type.size == x.type.size:
            raise fail("N0306", f"this candidate ignores the stride of {stride} of its edge", option.span,
                       help="give `stride` to one of its convolutions or pools",
                       label=f"`{result.type}`, expected `{wanted}`")  # fmt: skip
        raise fail("N0309", f"this candidate hands out `{result.type}` where its edge needs `{wanted}`", option.span)

    def _wanted(self, x: Ref, scope: Scope) -> TensorType:
        stride, channels = scope.find("stride"), Dim.of(scope.find("C"))
        return TensorType(x.type.domain, channels, tuple(size.divided(stride) for size in x.type.size))

    def mix(self, point: str, options: Mapping[str, Any], span: Span) -> Any:
        """The node at which options compete."""
        refs = list(options.values())
        if any(isinstance(ref, Poison) for ref in refs):
            return POISON
        first = refs[0]
        for label, ref in options.items():
            if ref.type != first.type:
                message = f"option `{label}` hands out `{ref.type}`, the first option `{first.type}`"
                raise fail("N0309", message, span)
        id = f"{self.owner}/{point}"
        node, source = self.edge if self.edge else ("", "")
        cell = self.owner if self.edge else ""
        self.shared.choices[id] = ChoicePoint(id, tuple(options), cell, node, source, span)
        made = GraphNode(point, "mix", first.type, choice=id, labels=tuple(options), span=span)
        return Ref(self.graph.add(made, [ref.id for ref in refs]), first.type, span)

    # --- nodes -------------------------------------------------------------------------------------------

    def emit(
        self,
        name: str,
        attributes: Mapping[str, Any],
        inputs: tuple[Ref, ...],
        span: Span,
        whole: Span | None = None,
    ) -> Ref:
        """A primitive applied to tensors; raises DslnasError where its type rule refuses them."""
        primitive = REGISTRY[name]
        if self.graph.domain not in primitive.domains:
            message = f"`{name}` has no {self.graph.domain} form"
            raise fail("N0308", message, span, help="`domain = real`, or leave this operation out")
        try:
            type = primitive.type_rule(tuple(ref.type for ref in inputs), attributes, self.graph.domain)
        except TypeRuleError as error:
            raise self._type_error(error, inputs, span) from None
        node = GraphNode(
            self.fresh(name), "primitive", type, name, tuple(sorted(attributes.items())), span=whole or span
        )
        return Ref(self.graph.add(node, [ref.id for ref in inputs]), type, whole or span)

    def _type_error(self, error: TypeRuleError, inputs: tuple[Ref, ...], span: Span) -> DslnasError:
        labels = tuple(Label(ref.span, f"`{ref.type}`") for ref in inputs if ref.span and ref.span != span)
        used = " ".join(str(ref.type) for ref in inputs)
        bound = [f"{name} = {value}" for name, value in self.shared.symbols.items() if name in used]
        notes = (f"with: {', '.join(bound)}",) if bound else ()
        return DslnasError(Diagnostic(error.code, error.message, span, "", labels, notes, error.help))
