"""Binds arguments to parameters by position and name, and converts values to the kinds of a primitive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from ..base import limits
from ..base.diagnostics import DslnasError, fail
from ..base.figures import is_number
from ..base.source import Span
from ..ir.primitives.registry import (
    CHANNELS_OF_PLACE,
    KIND_OPTIONS,
    REGISTRY,
    REQUIRED,
    Kind,
    Parameter,
)
from ..ir.tensortype import Dim
from ..parse import syntax
from ..parse.foreign import in_a_pipe, parameter_like
from ..parse.vocabulary import FUNCTIONS
from ..parse.walking import names_in
from .values import Applied, Quantity, RangeValue, number_if_known


def bind(
    what: str, names: Sequence[str], arguments: Sequence[syntax.Argument], span: Span
) -> dict[str, syntax.Argument]:
    """Arguments by parameter name; raises DslnasError N0207 (too many or repeated) or N0204 (unknown)."""
    bound: dict[str, syntax.Argument] = {}
    for position, argument in enumerate(arguments):
        if argument.name is None:
            if position >= len(names):
                takes = f"{len(names)} argument{'s' if len(names) != 1 else ''}" if names else "no argument"
                help = _signature(what, names) if names else _bare(what, argument.value)
                raise fail("N0207", f"`{what}` takes {takes}", argument.span, help=help)
            name = names[position]
        else:
            name = argument.name
        if name not in names:
            hint = parameter_like(name, names) or _signature(what, names)
            raise fail("N0204", f"`{what}` has no parameter `{name}`", argument.span, help=hint)
        if name in bound:
            raise fail("N0207", f"`{what}` is given `{name}` twice", argument.span)
        bound[name] = argument
    return bound


def _signature(what: str, names: Sequence[str]) -> str:
    return f"`{what}({', '.join(names)})`" if names else f"`{what}` stands without parentheses"


def _bare(what: str, given: syntax.Expr) -> str:
    """How an operation without parameters is written that is given something: a tensor comes by a pipe."""
    alone, named = _signature(what, ()), names_in([given])
    tensors = {*REGISTRY, *FUNCTIONS, "x", "input"}
    if not ((named and what in REGISTRY) or named & tensors):
        return alone
    pipe = in_a_pipe(given, [name for name, one in REGISTRY.items() if one.inputs == 1], tensors)
    return f"{alone}, behind what it reads: `{pipe} -> {what}`"


def _names(parameters: Sequence[Parameter]) -> list[str]:
    """The names of a primitive's parameters, positional ones before keyword-only ones."""
    return [p.name for p in sorted(parameters, key=lambda p: p.keyword_only)]


def lacking(what: str, parameters: Sequence[Parameter], name: str, span: Span) -> DslnasError:
    """The error N0207 for a missing argument of a primitive."""
    return fail("N0207", f"`{what}` needs `{name}`", span, help=_signature(what, _names(parameters)))


def bind_attributes(
    what: str, parameters: Sequence[Parameter], arguments: Sequence[syntax.Argument], span: Span
) -> dict[str, syntax.Argument]:
    """The arguments of a primitive by parameter name; raises DslnasError as `bind` does."""
    names = _names(parameters)
    unnamed = sum(not parameter.keyword_only for parameter in parameters)
    if names and sum(argument.name is None for argument in arguments) > unnamed:
        message = f"`{what}` takes at most {unnamed} unnamed arguments"
        raise fail("N0207", message, span, help=_signature(what, names))
    return bind(what, names, arguments, span)


def attributes(
    what: str,
    parameters: Sequence[Parameter],
    arguments: Sequence[syntax.Argument],
    value_of: Callable[[syntax.Argument], Any],
    place: Mapping[str, Any],
    span: Span,
) -> dict[str, Any]:
    """The attributes of a primitive: the value of every parameter, converted to its kind.

    value_of: evaluates an argument. place: values from the surroundings: the channels `C` and, in a front
    end, its `rate` (Hz) and `clip` (seconds). Raises DslnasError.
    """
    bound = bind_attributes(what, parameters, arguments, span)
    result: dict[str, Any] = {}
    for parameter in parameters:
        argument = bound.get(parameter.name)
        if argument is not None:
            shown = f"{parameter.name} of `{what}`"
            result[parameter.name] = coerce(value_of(argument), parameter.kind, shown, argument.value.span)
        elif parameter.default is CHANNELS_OF_PLACE:
            result[parameter.name] = Dim.of(place["C"])
        elif parameter.default is not REQUIRED:
            result[parameter.name] = parameter.default
        elif parameter.name in place:
            result[parameter.name] = coerce(
                place[parameter.name], parameter.kind, f"`{parameter.name}`", span
            )
        else:
            raise lacking(what, parameters, parameter.name, span)
    return result


def coerce(value: Any, kind: Kind, what: str, span: Span) -> Any:
    """The value converted to a kind of parameter; raises DslnasError with what is expected."""
    return _COERCIONS[kind](value, what, span)


def _int(value: Any, what: str, span: Span, least: int = 1) -> int:
    value = number_if_known(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= limits.SIZE:
        raise fail("N0301", f"{what} must be a whole number of at least {least}, not {show(value)}", span)
    return value


def _pair_of(least: int, most: int) -> Callable[[Any, str, Span], Any]:
    """Whole numbers within bounds: one for both axes, or a pair (frequency, time)."""

    def convert(value: Any, what: str, span: Span) -> Any:
        sizes = value if isinstance(value, tuple) and len(value) == 2 else (value,)
        for size in sizes:
            if isinstance(size, bool) or not isinstance(size, int) or not least <= size <= most:
                message = f"{what} must be a whole number from {least} to {most}, not {show(value)}"
                raise fail("N0301", message, span, help="a number, or a pair (frequency, time) of them")
        return value

    return convert


def _channels(value: Any, what: str, span: Span) -> Dim:
    if isinstance(value, Dim) and value.known is None:
        return value
    if isinstance(value, Dim):
        value = value.known
    if isinstance(value, float):
        help = "give channels that can be divided so"
        raise fail("N0307", f"{what} must be a whole number of channels, not {show(value)}", span, help=help)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise fail("N0307", f"{what} must be a whole number of channels, not {show(value)}", span)
    if value > limits.CHANNELS:
        raise fail("N0307", f"{what}: {value:,} channels are more than any network has", span)
    return Dim.of(value)


def _number(value: Any, what: str, span: Span) -> float:
    if not is_number(value) or not isfinite(value):
        raise fail("N0301", f"{what} must be a number, not {show(value)}", span)
    return float(value)


def _numbers(value: Any, what: str, span: Span) -> tuple[float, ...]:
    return tuple(_number(one, what, span) for one in (value if isinstance(value, tuple) else (value,)))


def _fraction(value: Any, what: str, span: Span) -> float:
    share = value.value if isinstance(value, Quantity) and value.unit == "fraction" else value
    if not is_number(share) or not 0 <= share <= 1:
        raise fail("N0301", f"{what} must lie between 0 and 1 (`0.5`, `50%`), not {show(value)}", span)
    return float(share)


def _quantity(unit: str, example: str, most: float) -> Callable[[Any, str, Span], float]:
    def convert(value: Any, what: str, span: Span) -> float:
        if not isinstance(value, Quantity) or value.unit != unit or value.value <= 0:
            raise fail("N0301", f"{what} must be positive {unit} (`{example}`), not {show(value)}", span)
        if value.value > most:
            raise fail("N0301", f"{what} is at most {most:,.0f} {unit}, not {show(value)}", span)
        return value.value

    return convert


def _decibels(value: Any, what: str, span: Span) -> tuple[float, float]:
    ends = (value.low, value.high) if isinstance(value, RangeValue) else (value, value)
    levels = [end.value for end in ends if isinstance(end, Quantity) and end.unit == "decibels"]
    if len(levels) != 2 or levels[0] > levels[1]:
        raise fail("N0301", f"{what} must be decibels (`-6dB .. 6dB`), not {show(value)}", span)
    return (levels[0], levels[1])


def _range(value: Any, what: str, span: Span) -> tuple[float, float]:
    ends = (value.low, value.high) if isinstance(value, RangeValue) else (value, value)
    low, high = (_number(end, what, span) for end in ends)
    if low > high:
        raise fail("N0301", f"{what}: the range {show(value)} is empty", span)
    return (low, high)


def _word(kind: Kind) -> Callable[[Any, str, Span], str]:
    *first, last = (f"`{word}`" for word in KIND_OPTIONS[kind])
    expected = f"{', '.join(first)} or {last}"

    def convert(value: Any, what: str, span: Span) -> str:
        if value not in KIND_OPTIONS[kind]:
            raise fail("N0301", f"{what} must be {expected}, not {show(value)}", span)
        return str(value)

    return convert


def _bool(value: Any, what: str, span: Span) -> bool:
    if not isinstance(value, bool):
        raise fail("N0301", f"{what} must be `true` or `false`, not {show(value)}", span)
    return value


_COERCIONS: Mapping[Kind, Callable[[Any, str, Span], Any]] = {
    "int": _int,
    "count": lambda value, what, span: _int(value, what, span, least=0),
    "kernel": _pair_of(1, 999),
    "stride": _pair_of(1, 999),
    "padding": _pair_of(0, 999),
    "channels": _channels,
    "number": _number,
    "numbers": _numbers,
    "fraction": _fraction,
    "seconds": _quantity("seconds", "200ms", 3600),
    "hertz": _quantity("hertz", "16kHz", 1e6),
    "decibels": _decibels,
    "range": _range,
    "axis": _word("axis"),
    "phase": _word("phase"),
    "judge": _word("judge"),
    "balance": _word("balance"),
    "windows": _word("windows"),
    "bool": _bool,
}


def show(value: Any) -> str:
    """A value as text for error messages."""
    if isinstance(value, Quantity):
        return f"`{value.value:g}` {value.unit}"
    if isinstance(value, RangeValue):
        return f"`{show(value.low).strip('`')} .. {show(value.high).strip('`')}`"
    if isinstance(value, tuple):
        return f"`({', '.join(show(item).strip('`') for item in value)})`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Applied):
        return f"`{value.name}(...)`"
    if isinstance(value, int | float | str | Dim):
        return f"`{value}`"
    return {"Ref": "a tensor", "Choice": "a choice", "Named": "named values"}.get(
        type(value).__name__, "this"
    )
