"""An operation where it is used: arguments are bound; a primitive becomes a node, a text its dataflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import limits, syntax
from .arguments import attributes, bind
from .choices import searched
from .diagnostics import DslnasError, fail
from .names import defined_by_itself
from .primitives.frontend import FRONT_END_PARAMETERS
from .primitives.registry import Primitive
from .scope import Ref, Scope
from .source import Span

if TYPE_CHECKING:
    from .elaborate import Elaboration


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
