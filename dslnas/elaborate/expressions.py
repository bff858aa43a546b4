"""Elaborates expressions: tensors become graph nodes, plain values are evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..base import limits
from ..base.diagnostics import DslnasError, fail
from ..base.figures import is_number
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.graph import Graph
from ..ir.primitives import REGISTRY
from ..ir.primitives.registry import written
from ..parse import syntax
from ..parse.foreign import VALUES, in_a_pipe, operation_like
from ..parse.vocabulary import FUNCTIONS, MISPLACED, NETWORK, PHASES, WORDS
from ..parse.walking import names_in
from ..resolve.values import Choice, binary, evaluate, number_if_known
from .builder import Builder
from .candidates import choose_candidates
from .choices import choose, decided
from .edges import expect
from .operations import Use, built_in, check_nesting, defined
from .scope import POISON, Poison, Ref, Scope, Shared, sound

JOINS = {"+": "add", "-": "subtract", "*": "multiply"}


class Elaboration(Builder):
    """Builds one graph from expressions. sets: the candidate sets that a `choose` may name."""

    def __init__(self, shared: Shared, graph: Graph, sets: Mapping[str, Mapping[str, syntax.Expr]]) -> None:
        super().__init__(shared, graph)
        self.sets = sets
        self.active: list[str] = []  # the operations that are being elaborated, outermost first

    def lookup(self, scope: Scope) -> Any:
        """The function that gives the values of names in a scope to `evaluate`."""

        def find(name: syntax.Name) -> Any:
            try:
                return sound(scope.find(name.name))
            except KeyError:
                pass
            if name.name in WORDS or name.name in PHASES:
                return name.name
            hint = did_you_mean(name.name, [*scope.names(), *WORDS, *PHASES])
            if name.name in MISPLACED:
                hint = MISPLACED[name.name]
            elif name.name in VALUES:
                hint = VALUES[name.name]
            elif self._is_operation(name.name):
                hint = f"an operation needs an input: `x -> {name.name}`"
            elif self.shared.excused(name.name):
                raise DslnasError()
            raise fail("N0201", f"nothing is named `{name.name}` here", name.span, help=hint)

        return find

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
            case syntax.Negative():
                return self._negative(expr, scope)
            case syntax.Conditional():
                return self.value(self._branch(expr, scope), scope)
            case syntax.Choose(candidates=None):
                return self._choice(expr, None, scope)
            case syntax.Choose(candidates=syntax.Call() as call):
                return self._candidates(expr, call, scope)
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
        """The value, which must be a tensor or poison; raises DslnasError N0206."""
        if isinstance(value, Choice):
            help = "write the `choose` where the value is an argument: `conv(choose {3, 5})`"
            raise fail("N0206", "a tensor is expected here", span, help=help)
        if not isinstance(value, Ref | Poison):
            called = re.match(r"(\w+)\(", span.text)
            help = f"`{called[1]}` stands without parentheses" if called and called[1] in NETWORK else ""
            raise fail("N0206", "a tensor is expected here", span, help=help)
        return value

    def plain(self, expr: syntax.Expr, scope: Scope) -> Any:
        """The value of an expression; poison raises a DslnasError without diagnostics."""
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
        if not (isinstance(left, Ref) and isinstance(right, Ref)):
            return self._rescaled(expr, left, right)
        if expr.operator not in JOINS:
            message = f"tensors are joined by `+`, `-` and `*`, not by `{expr.operator}`"
            raise fail("N0206", message, expr.operator_span)
        refs = (replace(left, span=expr.left.span), replace(right, span=expr.right.span))
        return self.emit(JOINS[expr.operator], {}, refs, expr.operator_span, expr.span)

    def _rescaled(self, expr: syntax.Binary, left: Any, right: Any) -> Ref:
        """A tensor joined with a plain number: `0.5 * a`, `a / 2`, `1 - a`; raises DslnasError N0206."""
        x, number = (
            (left, number_if_known(right)) if isinstance(left, Ref) else (right, number_if_known(left))
        )
        place = expr.right if x is left else expr.left
        if not is_number(number):
            message = f"`{expr.operator}` joins a tensor with a plain value, which is no number"
            raise fail("N0206", message, place.span)
        by, plus = 1.0, 0.0
        match expr.operator:
            case "*":
                by = number
            case "/" if x is left and number != 0:
                by = 1 / number
            case "+":
                plus = number
            case "-":
                by, plus = (1.0, -number) if x is left else (-1.0, number)
            case _:
                message = f"`{expr.operator}` does not join a tensor with a number here"
                raise fail("N0206", message, expr.operator_span)
        attributes = {"by": float(by), "plus": float(plus)}
        side = expr.left if x is left else expr.right
        return self.emit("rescale", attributes, (replace(x, span=side.span),), expr.operator_span, expr.span)

    def _negative(self, expr: syntax.Negative, scope: Scope) -> Any:
        """`-a` of a tensor, or of a plain value."""
        value = self.value(expr.value, scope)
        if isinstance(value, Poison):
            return POISON
        if not isinstance(value, Ref):
            return evaluate(expr, self.lookup(scope))
        return self.emit("rescale", {"by": -1.0, "plus": 0.0}, (value,), expr.span)

    def _indexed(self, expr: syntax.Index, scope: Scope) -> Any:
        array = self.plain(expr.base, scope)
        index = self.plain(expr.index, scope)
        if not isinstance(array, tuple):
            raise fail("N0206", "only a node array has an index", expr.base.span)
        if isinstance(index, bool) or not isinstance(index, int) or not 1 <= index <= len(array):
            raise fail("N0301", f"the index must be 1 .. {len(array)}", expr.index.span)
        return array[index - 1]

    def _function(self, call: syntax.Call, scope: Scope) -> Any:
        """The value of a built-in function over tensors: `concat`, `sum`, `size`."""
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
        """A stage of a pipe applied to a tensor: an operation, a repeated one, or an expression over `x`."""
        if isinstance(x, Poison):
            return POISON
        if not isinstance(x, Ref):
            raise fail("N0206", "`->` pipes a tensor", stage.span)
        match stage:
            case syntax.Name():
                return self.call(stage, (), x, scope, stage.span)
            case syntax.Call() if not self._takes_tensors(stage.function.name):
                return self.call(stage.function, stage.arguments, x, scope, stage.span)
            case syntax.Times():
                for _ in range(self._times(stage, scope)):
                    self.shared.spend(stage.span, limits.REPEATED)
                    x = self.apply(stage.stage, x, scope)
                return x
            case syntax.Conditional():
                return self.apply(self._branch(stage, scope), x, scope)
            case syntax.Choose(candidates=None):
                return self._choice(stage, x, scope)
            case _:
                return self.value(stage, scope.inner(x=x, C_in=x.type.channels))

    def _times(self, stage: syntax.Times, scope: Scope) -> int:
        count = self.plain(stage.count, scope)
        if isinstance(count, Choice):
            count = decided(self, "depth", count, "depth")
        return self.times(count, stage)

    def times(self, count: Any, stage: syntax.Times) -> int:
        """The number of times a stage is applied; raises DslnasError N0301 for an invalid count."""
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= limits.REPEATS:
            raise fail("N0301", f"`times` takes a whole number from 0 to {limits.REPEATS}", stage.count.span)
        return count

    def _takes_tensors(self, name: str) -> bool:
        """Whether tensors are given to it as arguments, `concat(x, y)`, and not by a pipe."""
        own = name in self.shared.ops or name not in REGISTRY
        return name in FUNCTIONS or (not own and bool(REGISTRY[name].reads))

    def _is_operation(self, name: str) -> bool:
        return name in self.shared.ops or name in REGISTRY

    def call(
        self, name: syntax.Name, arguments: Sequence[syntax.Argument], x: Ref, scope: Scope, span: Span
    ) -> Any:
        """An operation, looked up by its name, applied to `x`."""
        self.shared.spend(span)
        if name.name in self.shared.ops:
            op = self.shared.ops[name.name]
            check_nesting(op, self.active, self.shared.ops, span)
            return defined(self, op, x, Use(arguments, scope, span), self.plain, self._body)
        if name.name in REGISTRY:
            primitive = REGISTRY[name.name]
            if primitive.inputs != 1:
                help = f"`{written(primitive)}`" if primitive.reads else ""
                raise fail("N0206", f"`{name.name}` is no stage of a pipe", name.span, help=help)
            return built_in(self, primitive, (x,), Use(arguments, scope, span), self.plain)
        if self.shared.excused(name.name):
            return POISON
        hint = operation_like(name.name, [*self.shared.ops, *REGISTRY])
        if scope.has(name.name):
            hint = did_you_mean(name.name, [*self.shared.ops, *REGISTRY])
            hint = hint or f"`{name.name}` is a value: join tensors by `+`, `*` or `concat`"
        raise fail("N0201", f"there is no operation `{name.name}`", name.span, help=hint)

    def _source(self, call: syntax.Call, scope: Scope) -> Any:
        """The output of a primitive of no input, such as `wave(16kHz, 1s)`, or of several: `attend(a, v)`."""
        primitive = REGISTRY.get(call.function.name)
        if primitive is None or (primitive.inputs != 0 and not primitive.reads):
            help = self._piped(call, scope)
            raise fail("N0206", f"`{call.function.name}` needs an input", call.span, help=help)
        read = [argument for argument in call.arguments if not argument.name][: len(primitive.reads)]
        values = [self.value(argument.value, scope) for argument in read]
        if any(isinstance(value, Poison) for value in values):
            return POISON
        if len(values) < len(primitive.reads) or not all(isinstance(value, Ref) for value in values):
            message = f"`{primitive.name}` takes {len(primitive.reads)} tensors"
            raise fail("N0207", message, call.span, help=f"`{written(primitive)}`")
        refs = tuple(replace(value, span=one.value.span) for value, one in zip(values, read, strict=True))
        others = [argument for argument in call.arguments if argument not in read]
        return built_in(self, primitive, refs, Use(others, scope, call.span), self.plain)

    def _piped(self, call: syntax.Call, scope: Scope) -> str:
        """The help for a call that stands where a pipe does: the pipe, where the call names what it reads."""
        names = names_in([call])
        tensors = {name for name in names if scope.has(name) and isinstance(scope.find(name), Ref | Poison)}
        operations = {name for name in names if self._is_operation(name)}
        stages = {name for name in operations if not self._takes_tensors(name)}
        pipe = in_a_pipe(call, stages, {*tensors, *operations, *FUNCTIONS})
        if pipe.startswith(f"{call.function.name}("):
            pipe = f"x -> {call.function.name}(...)"
        return f"`{pipe}`; where branches join, put each pipe in parentheses"

    # --- choices and operations --------------------------------------------------------------------------

    def _choice(self, expr: syntax.Choose, x: Ref | None, scope: Scope) -> Any:
        """The value of `choose {a, b}`: options applied to `x`, or, without `x`, tensors or plain values."""
        if x is None and all(isinstance(option, syntax.Number | syntax.Group) for option in expr.options):
            return evaluate(expr, self.lookup(scope))

        def make(option: syntax.Expr) -> Any:
            if x is None:
                return self.value(option, scope)
            value = self.apply(option, x, scope)
            if self.edge is not None and self.edge.choice is expr:
                expect(value, x, scope, self.edge.wanted, option)
            return value

        return choose(self, expr, make)

    def _candidates(self, expr: syntax.Choose, call: syntax.Call, scope: Scope) -> Any:
        """The value of `choose candidates(p)`: the candidates of a set, each applied to `p`."""
        name = call.function.name
        if name not in self.sets:
            hint = did_you_mean(name, self.sets) or "`candidates { name = operation }` makes a set"
            raise fail("N0201", f"there is no set of candidates `{name}`", call.function.span, help=hint)
        if len(call.arguments) != 1:
            raise fail("N0207", f"`choose {name}(p)` takes one tensor", call.span)
        x = self.tensor(call.arguments[0].value, scope)
        if isinstance(x, Poison):
            return POISON
        return choose_candidates(self, expr, self.sets[name], x, scope, self.apply)

    def _body(self, op: syntax.Op, scope: Scope) -> Any:
        """The value of a defined operation's body; the scope contains its parameters."""
        self.active.append(op.name)
        try:
            with self.shared.frame(f"`{op.name}`"):
                for let in op.body.lets:
                    scope.values[let.name] = self.value(let.value, scope)
                return self._result(op.body.value, scope)
        finally:
            self.active.pop()

    def _result(self, expr: syntax.Expr, scope: Scope) -> Any:
        """The value of an operation's body; an operation that stands there alone is applied to `x`."""
        if isinstance(expr, syntax.Conditional):
            return self._result(self._branch(expr, scope), scope)
        if self._is_stage(expr, scope):
            return self.checked_tensor(self.apply(expr, scope.find("x"), scope), expr.span)
        return self.tensor(expr, scope)

    def _is_stage(self, expr: syntax.Expr, scope: Scope) -> bool:
        """Whether an expression is an operation and no value: `bn`, `choose {relu, silu}`, `2 times bn`."""
        match expr:
            case syntax.Name():
                return self._is_operation(expr.name) and not scope.has(expr.name)
            case syntax.Call():
                name = expr.function.name
                return name in self.shared.ops or (name in REGISTRY and REGISTRY[name].inputs == 1)
            case syntax.Choose(options=options):
                return any(self._is_stage(option, scope) for option in options)
            case _:
                return isinstance(expr, syntax.Times)
