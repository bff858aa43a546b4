"""Elaborates calls of operations, primitives and defined ones; any of their arguments may be searched."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..ir.primitives import REGISTRY
from ..ir.primitives.frontend import FRONT_END_PARAMETERS
from ..ir.primitives.registry import Primitive
from ..parse import syntax
from ..parse.foreign import as_stage, on_a_line
from ..parse.walking import names_in
from ..resolve.arguments import attributes, bind
from .builder import Builder
from .choices import searched
from .scope import Ref, Scope

Plain = Callable[[syntax.Expr, Scope], Any]  # evaluates an expression that must not be poison


@dataclass(frozen=True)
class Use:
    """A call of an operation: its arguments, the scope of the call, and its text."""

    arguments: Sequence[syntax.Argument]
    scope: Scope
    span: Span


def defined_by_itself(members: Iterable[str], ops: Mapping[str, syntax.Op]) -> Diagnostic:
    """The error N0205 for a circle of operations that use each other, at the first one in the file."""
    first, *others = sorted(members, key=list(ops).index)
    through = f", through {', '.join(f'`{name}`' for name in others)}" if others else ""
    return Diagnostic("N0205", f"`{first}` is defined by itself{through}", ops[first].span)


def built_in(here: Builder, primitive: Primitive, inputs: tuple[Ref, ...], use: Use, plain: Plain) -> Any:
    """A primitive applied to tensors. plain: evaluates its arguments."""
    values = {id(argument): plain(argument.value, use.scope) for argument in use.arguments}
    _no_tensors(primitive.name, use.arguments, values)
    inherited = ("C", *FRONT_END_PARAMETERS)
    place = {name: use.scope.find(name) for name in inherited if use.scope.has(name)}
    unnamed = [parameter.name for parameter in primitive.parameters if not parameter.keyword_only]
    names = {id(a): a.name or (unnamed[n] if n < len(unnamed) else "") for n, a in enumerate(use.arguments)}
    given = {names[key]: value for key, value in values.items()}

    def make(fixed: Mapping[str, Any]) -> Ref:
        def value_of(argument: syntax.Argument) -> Any:
            return fixed[names[id(argument)]]

        found = attributes(primitive.name, primitive.parameters, use.arguments, value_of, place, use.span)
        return here.emit(primitive.name, found, inputs, use.span)

    return searched(here, primitive.name, given, make, use.span)


def _no_tensors(what: str, arguments: Sequence[syntax.Argument], values: Mapping[int, Any]) -> None:
    """Raise DslnasError N0301 where a tensor is given as an argument; values: by the ids of arguments."""
    for argument in arguments:
        if isinstance(values[id(argument)], Ref):
            others = [other for other in arguments if other is not argument]
            pipe = as_stage(on_a_line(argument.value), what, others)
            message = f"`{what}` takes no tensor as an argument"
            raise fail("N0301", message, argument.span, help=f"it comes by a pipe: `{pipe}`")


def defined(
    here: Builder, op: syntax.Op, x: Ref, use: Use, plain: Plain, body: Callable[[syntax.Op, Scope], Any]
) -> Any:
    """A defined operation applied to `x`. plain: evaluates its arguments; body: elaborates its body."""
    bound = bind(op.name, [parameter.name for parameter in op.parameters], use.arguments, use.span)
    given = {name: plain(argument.value, use.scope) for name, argument in bound.items()}
    inherited = {name: use.scope.find(name) for name in ("stride", "C")}
    outer = Scope(here.shared.seen) if op.name in here.shared.local else None
    inner = Scope({**inherited, "x": x, "C_in": x.type.channels}, outer)
    for parameter in op.parameters:
        if parameter.name not in given:
            if parameter.default is None:
                raise fail("N0207", f"`{op.name}` needs `{parameter.name}`", use.span)
            given[parameter.name] = plain(parameter.default, inner)
    return searched(here, op.name, given, lambda fixed: body(op, inner.inner(**fixed)), use.span)


def operations_of(
    lets: Mapping[str, syntax.Let], ops: Mapping[str, syntax.Op], hidden: Collection[str]
) -> dict[str, syntax.Op]:
    """The operations among the `let`s of a space: those that read `x`, or name an operation.

    hidden: the parameters of the space, which hide operations of their names.
    """
    found: dict[str, syntax.Op] = {}
    while True:
        known = {"x", "C_in", *ops, *REGISTRY, *found} - {*hidden}
        more = {
            name: let for name, let in lets.items() if name not in found and names_in([let.value]) & known
        }
        if not more:
            return {name: found[name] for name in lets if name in found}
        for name, let in more.items():
            found[name] = syntax.Op(name, (), syntax.Block((), let.value), let.span)


def values_of(
    lets: Mapping[str, syntax.Let], ops: Mapping[str, syntax.Op], hidden: Collection[str]
) -> list[syntax.Let]:
    """The other `let`s of a space, which name plain values; `hidden` as for `operations_of`."""
    operations = operations_of(lets, {name: op for name, op in ops.items() if name not in lets}, hidden)
    return [let for name, let in lets.items() if name not in operations]


def check_nesting(op: syntax.Op, active: Sequence[str], ops: Mapping[str, syntax.Op], span: Span) -> None:
    """Raise DslnasError if an operation uses itself (N0205) or operations are nested too deeply (N0103).

    active: the operations that enclose this use, outermost first; ops: all operations.
    """
    if op.name in active:
        raise DslnasError(defined_by_itself(active[active.index(op.name) :], ops))
    if len(active) == limits.OPERATIONS:
        raise fail("N0103", f"operations are nested deeper than {limits.OPERATIONS}", span)
