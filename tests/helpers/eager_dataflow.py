"""Dataflow of one architecture on zeros, straight from the syntax tree.

An interpreter of the language that is independent of the compiler: it knows no types, builds no graph and
makes no option that is not taken. It shares with the compiler the syntax, the values that are no tensors, and
how choice points are called, so that what it computes can be held against what was inferred.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field
from itertools import product
from math import ceil
from typing import Any

import torch
from eager_primitives import EAGER, add, alike, multiply, subtract
from torch import Tensor

from dslnas.base.source import Span
from dslnas.parse import syntax
from dslnas.parse.vocabulary import FUNCTIONS, WORDS
from dslnas.parse.walking import names_in
from dslnas.resolve.definitions import Space
from dslnas.resolve.values import Choice, choice_of, evaluate

Env = Mapping[str, Any]
OF_TWO = ("scores", "attend", "upsample_to")  # operations that are called with two tensors
# Which options are taken at a choice point, or which sources at a selection: several ones are mixed.
Take = Callable[[str, tuple[str, ...]], tuple[str, ...]]


class Fails(Exception):
    """The architecture fails at this place of the text."""

    def __init__(self, span: Span | None, reason: object) -> None:
        super().__init__(f"{span.location if span else ''}: {reason}")
        self.span = span


@contextmanager
def at(span: Span | None) -> Iterator[None]:
    """What torch refuses inside is told with its place."""
    try:
        yield
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise Fails(span, error) from None


@dataclass
class Run:
    """An architecture while it is run: the space, numbers for its parameters, what is taken of each choice.

    shapes: by the call of a cell (`""` for the network), then node: the shape of each value.
    """

    space: Space
    ops: Mapping[str, syntax.Op]
    parameters: Mapping[str, Any]
    classes: int
    take: Take
    shapes: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)


@dataclass
class Edge:
    """An edge while it is run: how its choice point is called, the `choose` it ends with, what it reads."""

    point: str
    last: syntax.Expr
    x: Tensor


class Dataflow:
    """One graph: the network, or a cell where it is called."""

    def __init__(self, run: Run, owner: str, call: str) -> None:
        self.here, self.owner = run, owner
        self.shapes = run.shapes.setdefault(call, {})
        self.path: list[str] = []
        self.edge: Edge | None = None
        self.counts: dict[str, int] = {}

    # --- names -------------------------------------------------------------------------------------------

    def fresh(self, name: str) -> str:
        base = "/".join([*self.path, name])
        self.counts[base] = self.counts.get(base, 0) + 1
        return f"{base}_{self.counts[base]}"

    @contextmanager
    def inside(self, *names: str) -> Iterator[None]:
        outer, self.path = self.path, list(names)
        try:
            yield
        finally:
            self.path = outer

    def made(self, id: str, value: Tensor) -> Tensor:
        self.shapes[id] = tuple(value.shape[1:])
        return value

    # --- values ------------------------------------------------------------------------------------------

    def value(self, expr: syntax.Expr, env: Env) -> Any:
        match expr:
            case syntax.Pipe():
                x = self.value(expr.value, env)
                for stage in expr.stages:
                    x = self.apply(stage, x, env)
                return x
            case syntax.Binary():
                return self.binary(expr, env)
            case syntax.Negative() if isinstance(value := self.value(expr.value, env), Tensor):
                return self.made(self.fresh("rescale"), -value)
            case syntax.Conditional():
                return self.value(expr.then if self.value(expr.condition, env) else expr.otherwise, env)
            case syntax.Choose(candidates=None):
                return self.choose(expr, None, env)
            case syntax.Choose(candidates=call):
                return self.candidates(expr, call, env)
            case syntax.Call() if expr.function.name in FUNCTIONS:
                return self.function(expr, env)
            case syntax.Call() if expr.function.name in OF_TWO:
                return self.of_two(expr, env)
            case syntax.Name() if expr.name in env:
                return env[expr.name]
            case syntax.Index():
                return self.value(expr.base, env)[self.value(expr.index, env) - 1]
            case _:
                return evaluate(expr, lambda name: env[name.name] if name.name in env else _word(name))

    def binary(self, expr: syntax.Binary, env: Env) -> Any:
        left, right = self.value(expr.left, env), self.value(expr.right, env)
        if isinstance(left, Tensor) != isinstance(right, Tensor):
            arithmetic = {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}
            return self.made(
                self.fresh("rescale"), {**arithmetic, "/": lambda: left / right}[expr.operator]()
            )
        if isinstance(left, Tensor):
            joins = {"+": ("add", add), "-": ("subtract", subtract), "*": ("multiply", multiply)}
            name, function = joins[expr.operator]
            with at(expr.operator_span):
                return self.made(self.fresh(name), function(left, right))
        values = {"left": left, "right": right}
        side = (syntax.Name("left", expr.left.span), syntax.Name("right", expr.right.span))
        plain = syntax.Binary(expr.operator, *side, expr.operator_span, expr.span)
        return evaluate(plain, lambda name: values[name.name])

    def function(self, call: syntax.Call, env: Env) -> Any:
        values = [self.value(argument.value, env) for argument in call.arguments]
        if call.function.name == "size":
            return tuple(values[0].shape[2:])
        items = [item for value in values for item in (value if isinstance(value, tuple) else (value,))]
        name = {"sum": "add"}.get(call.function.name, call.function.name)
        with at(call.span):
            return self.made(self.fresh(name), EAGER[name](*items))

    def of_two(self, call: syntax.Call, env: Env) -> Any:
        one, other, *arguments = call.arguments
        x, y = self.value(one.value, env), self.value(other.value, env)
        given = {str(argument.name): self.value(argument.value, env) for argument in arguments}

        def make(fixed: Mapping[str, Any]) -> Tensor:
            with at(call.span):
                return self.made(self.fresh(call.function.name), EAGER[call.function.name](x, y, **fixed))

        return self.searched(call.function.name, given, make)

    def apply(self, stage: syntax.Expr, x: Tensor, env: Env) -> Any:
        match stage:
            case syntax.Name():
                return self.call(stage, (), x, env, stage.span)
            case syntax.Call() if stage.function.name not in (*FUNCTIONS, *OF_TWO):
                return self.call(stage.function, stage.arguments, x, env, stage.span)
            case syntax.Times():
                return self.repeated(stage, x, env)
            case syntax.Conditional():
                return self.apply(stage.then if self.value(stage.condition, env) else stage.otherwise, x, env)
            case syntax.Choose(candidates=None):
                return self.choose(stage, x, env)
            case _:
                return self.value(stage, {**env, "x": x, "C_in": x.shape[1]})

    def repeated(self, stage: syntax.Times, x: Tensor, env: Env) -> Tensor:
        """The stage so many times. What comes after it is called as after the most that may be chosen."""
        count = self.value(stage.count, env)
        most = max(count.options) if isinstance(count, Choice) else count
        for _ in range(taken := self.decided("depth", count)):
            x = self.apply(stage.stage, x, env)
        for _ in range(most - taken):
            self.counted(stage.stage, x, env)
        return x

    def counted(self, stage: syntax.Expr, x: Tensor, env: Env) -> None:
        """Count the names of a stage that this architecture does without; whether it fits is no matter."""
        aside = copy(self)
        aside.shapes = {}
        with suppress(Fails):
            aside.apply(stage, x, env)

    # --- operations --------------------------------------------------------------------------------------

    def call(
        self, name: syntax.Name, arguments: Sequence[syntax.Argument], x: Tensor, env: Env, span: Span
    ) -> Any:
        values = [self.value(argument.value, env) for argument in arguments]
        if name.name not in self.here.ops:
            return self.primitive(name.name, arguments, values, x, env, span)
        op = self.here.ops[name.name]
        names = [parameter.name for parameter in op.parameters]
        given = {a.name or names[n]: values[n] for n, a in enumerate(arguments)}
        inner = {"stride": env["stride"], "C": env["C"], "x": x, "C_in": x.shape[1]}
        for parameter in op.parameters:
            if parameter.name not in given and parameter.default is not None:
                given[parameter.name] = self.value(parameter.default, inner)
        return self.searched(op.name, given, lambda fixed: self.body(op, {**inner, **fixed}))

    def body(self, op: syntax.Op, env: dict[str, Any]) -> Any:
        for let in op.body.lets:
            env[let.name] = self.value(let.value, env)
        return self.value(op.body.value, env)

    def primitive(
        self, name: str, arguments: Sequence[syntax.Argument], values: Sequence[Any], x: Tensor, env: Env,
        span: Span,
    ) -> Any:  # fmt: skip
        takes = inspect.signature(EAGER[name]).parameters
        unnamed = [parameter for parameter in takes if parameter not in ("x", "more")]
        given = {a.name or unnamed[n]: values[n] for n, a in enumerate(arguments)}
        if name == "conv":
            given.setdefault("out", env["C"])

        def make(fixed: Mapping[str, Any]) -> Tensor:
            with at(span):
                return self.made(self.fresh(name), EAGER[name](x, **fixed))

        return self.searched(name, given, make)

    # --- choices -----------------------------------------------------------------------------------------

    def searched(self, name: str, given: Mapping[str, Any], make: Callable[[Mapping[str, Any]], Any]) -> Any:
        open = {key: value for key, value in given.items() if isinstance(value, Choice)}
        if not open:
            return make(given)
        options: dict[str, Callable[[], Any]] = {}
        for values in product(*(zip(one.labels, one.options, strict=True) for one in open.values())):
            label = ", ".join(f"{key} = {text}" for key, (text, _) in zip(open, values, strict=True))
            fixed = {key: value for key, (_, value) in zip(open, values, strict=True)}
            options[label] = lambda fixed=fixed: make({**given, **fixed})  # type: ignore[misc]
        return self.mixed(self.fresh(name), options, None)

    def decided(self, name: str, value: Any) -> Any:
        """The value; of a choice between depths or channels the one that is taken."""
        if not isinstance(value, Choice):
            return value
        (label,) = self.here.take(f"{self.owner}/{self.fresh(name)}", value.labels)
        return value.options[value.labels.index(label)]

    def choose(self, expr: syntax.Choose, x: Tensor | None, env: Env) -> Any:
        plain = [option for option in expr.options if isinstance(option, syntax.Number | syntax.Group)]
        if x is None and len(plain) == len(expr.options):
            return evaluate(expr, lambda name: env[name.name])
        if not any(isinstance(env.get(name), Tensor) for name in names_in(expr.options)) and x is None:
            self.fresh("choose")
            return choice_of(tuple(self.value(option, env) for option in expr.options), expr)

        def made(option: syntax.Expr) -> Any:
            if x is None:
                return self.value(option, env)
            value = self.apply(option, x, env)
            on_edge = self.edge is not None and self.edge.last is expr
            return fits(value, self.edge.x, env, option) if self.edge and on_edge else value

        options = {" ".join(option.span.text.split()): option for option in expr.options}
        makers = {label: lambda option=option: made(option) for label, option in options.items()}  # type: ignore[misc]
        return self.mixed(self.point(expr), makers, expr.span)

    def candidates(self, expr: syntax.Choose, call: syntax.Call, env: Env) -> Any:
        x = self.value(call.arguments[0].value, env)
        inner = {**self.here.parameters, "stride": env["stride"], "C": env["C"]}

        def made(option: syntax.Expr) -> Any:
            return fits(self.apply(option, x, inner), x, inner, option)

        options = self.here.space.sets[call.function.name]
        makers = {label: lambda option=option: made(option) for label, option in options.items()}  # type: ignore[misc]
        return self.mixed(self.point(expr), makers, expr.span)

    def point(self, expr: syntax.Choose) -> str:
        on_edge = self.edge is not None and self.edge.last is expr and self.path == [self.edge.point]
        return self.edge.point if on_edge and self.edge else self.fresh("choose")

    def mixed(self, point: str, options: Mapping[str, Callable[[], Any]], span: Span | None) -> Tensor:
        taken = self.here.take(f"{self.owner}/{point}", tuple(options))
        values = []
        for label in taken:
            with self.inside(point, label):
                values.append(options[label]())
        with at(span):
            return self.made(point, alike(*values))


def _word(name: syntax.Name) -> str:
    assert name.name in WORDS, name.name
    return name.name


def fits(value: Tensor, x: Tensor, env: Env, option: syntax.Expr) -> Tensor:
    """The value of an edge, if it can stand beside what its edge needs: `C` channels, strided."""
    size = (ceil(n / env["stride"]) for n in x.shape[2:])
    wanted = torch.empty(x.shape[0], env["C"], *size, dtype=x.dtype, device=x.device)
    with at(option.span):
        alike(value, wanted)
    return value
