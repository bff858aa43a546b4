"""Constant expressions and their values: numbers with units, dimensions, ranges, named values, kept calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from operator import add, mul, sub, truediv
from typing import Any, TypeVar

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.figures import is_number
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.tensortype import Dim
from ..parse import syntax
from ..parse.format import one_line
from ..parse.vocabulary import LITERALS, MAGNITUDES, UNITS


@dataclass(frozen=True)
class Quantity:
    """A number with a unit, in its base unit: seconds, hertz, decibels, bytes, fractions of 1."""

    value: float
    unit: str


@dataclass(frozen=True)
class RangeValue:
    """A range of values, ends included: `-6dB .. 6dB`."""

    low: Any
    high: Any


@dataclass(frozen=True)
class Named:
    """Named values in parentheses: `(batch: 96, epochs: 60)`."""

    values: Mapping[str, Any]
    spans: Mapping[str, Span] = field(compare=False)


@dataclass(frozen=True)
class Applied:
    """A call that a later phase interprets: `adam(lr: 3e-4)`, `logmel(32)`, `softmax`."""

    name: str
    positional: tuple[Any, ...]
    keyword: Mapping[str, Any]
    span: Span = field(compare=False)
    spans: Mapping[str, Span] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Choice:
    """A value that is searched: `k = choose {3, 5, 7}`.

    labels: the names of the options, their texts, which do not depend on the values of parameters.
    written: the syntax trees of the options.
    """

    options: tuple[Any, ...]
    span: Span = field(compare=False)
    labels: tuple[str, ...] = field(default=(), compare=False)
    written: tuple[syntax.Expr, ...] = field(default=(), compare=False)

    @property
    def singles(self) -> tuple[Choice, ...]:
        """Each option as a choice of its own."""
        each = zip(self.options, self.labels, self.written, strict=True)
        return tuple(Choice((value,), self.span, (label,), (text,)) for value, label, text in each)


def choice_of(values: tuple[Any, ...], expr: syntax.Choose) -> Choice:
    """The choice between the values of `choose {...}`, in the order of its options."""
    return Choice(values, expr.span, tuple(map(option_label, expr.options)), expr.options)


def option_label(option: syntax.Expr) -> str:
    """The name of an option: its text on one line; raises DslnasError N0301 if it is too long."""
    text = one_line(option.span.text)
    if len(text) > limits.OPTION_TEXT:
        message = f"the text of an option is its name, of at most {limits.OPTION_TEXT} characters"
        raise fail("N0301", message, option.span, help="name what it does: `op mine = x -> ...`")
    return text


ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {"+": add, "-": sub, "*": mul, "/": truediv}

T = TypeVar("T")
Lookup = Callable[[syntax.Name], Any]


def evaluate(expr: syntax.Expr, lookup: Lookup) -> Any:
    """The value of a constant expression; `lookup` gives the values of names. Raises DslnasError."""
    match expr:
        case syntax.Number():
            return _number(expr, lookup)
        case syntax.Text():
            return expr.value
        case syntax.Name():
            return LITERALS[expr.name] if expr.name in LITERALS else lookup(expr)
        case syntax.Negative():
            return _negated(evaluate(expr.value, lookup), expr.span)
        case syntax.Binary():
            return binary(expr, evaluate(expr.left, lookup), evaluate(expr.right, lookup))
        case syntax.Range():
            return _small(RangeValue(evaluate(expr.low, lookup), evaluate(expr.high, lookup)), expr.span)
        case syntax.Conditional():
            condition = evaluate(expr.condition, lookup)
            if not isinstance(condition, bool):
                raise fail("N0301", "a condition must be true or false", expr.condition.span)
            return evaluate(expr.then if condition else expr.otherwise, lookup)
        case syntax.Group():
            return _small(_group(expr, lookup), expr.span)
        case syntax.Choose(options=options) if options:
            return _small(choice_of(tuple(evaluate(option, lookup) for option in options), expr), expr.span)
        case syntax.Call():
            return applied(expr, lookup)
        case _:
            raise fail("N0301", "a plain value is expected here", expr.span)


def evaluate_words(expr: syntax.Expr) -> Any:
    """The value of an expression whose names stand for themselves: `softmax`, `real`; raises DslnasError."""
    return evaluate(expr, lambda name: name.name)


def applied(expr: syntax.Name | syntax.Call, lookup: Lookup) -> Applied:
    """A name or a call with evaluated arguments, for a later phase to interpret."""
    if isinstance(expr, syntax.Name):
        return Applied(expr.name, (), {}, expr.span)
    positional = tuple(evaluate(a.value, lookup) for a in expr.arguments if a.name is None)
    keyword = {a.name: evaluate(a.value, lookup) for a in expr.arguments if a.name is not None}
    spans = {a.name: a.span for a in expr.arguments if a.name is not None}
    return _small(Applied(expr.function.name, positional, keyword, expr.span, spans), expr.span)


def _small(value: T, span: Span) -> T:
    """The value; raises DslnasError N0301 if it consists of more than `limits.PARTS` values.

    A name that occurs twice in the value of the next doubles its size: chains of names grow exponentially.
    """
    if _parts(value) > limits.PARTS:
        raise fail("N0301", f"a value is made of at most {limits.PARTS} others", span)
    return value


def _parts(value: Any) -> int:
    """How many values a value consists of. Its parts are small: `_small` has checked them."""
    match value:
        case tuple() as parts:
            return sum(map(_parts, parts))
        case RangeValue(low=low, high=high):
            return _parts(low) + _parts(high)
        case Named(values=values):
            return sum(map(_parts, values.values()))
        case Applied(positional=positional, keyword=keyword):
            return 1 + sum(map(_parts, positional)) + sum(map(_parts, keyword.values()))
        case Choice(options=options):
            return sum(map(_parts, options))
        case _:
            return 1


def _number(expr: syntax.Number, lookup: Lookup) -> Any:
    value: int | float = int(expr.value) if expr.whole else expr.value
    if not expr.suffix:
        return value
    if expr.suffix in UNITS:
        unit, factor = UNITS[expr.suffix]
        return Quantity(expr.value * factor, unit)
    symbol = lookup(syntax.Name(expr.suffix, expr.span))
    if isinstance(symbol, str):  # names evaluate to themselves here: no symbol to multiply by
        if expr.suffix in MAGNITUDES:
            return _magnified(expr)
        raise DslnasError(no_unit(expr.suffix, expr.span))
    return _arithmetic("*", value, symbol, expr.span)


def _magnified(expr: syntax.Number) -> int | float:
    """The number of `1.5k`: 1500, which is whole because it is multiplied as it is written."""
    value = Fraction(str(expr.value)) * MAGNITUDES[expr.suffix]
    if value > limits.NUMBER:
        raise fail("N0301", "this number is too large", expr.span)
    return int(value) if value.denominator == 1 else float(value)


def no_unit(suffix: str, span: Span, known: Iterable[str] = ()) -> Diagnostic:
    """The error N0201 for a number whose suffix is neither a unit nor a known name."""
    units = [*UNITS, *MAGNITUDES] if not known else [*UNITS]
    cased = next((unit for unit in units if unit.casefold() == suffix.casefold()), "")  # `20m`, `100K`
    help = f"did you mean `{cased}`?" if cased else did_you_mean(suffix, [*units, *sorted(known)])
    if re.fullmatch(r"x\d+", suffix):
        help = "a square kernel is `3`, another `(3, 5)`: frequency, time"
    help = help or f"units: {', '.join(UNITS)}"
    return Diagnostic("N0201", f"`{suffix}` is no unit and no name here", span, help=help)


def _negated(value: Any, span: Span) -> Any:
    if isinstance(value, Quantity):
        return Quantity(-value.value, value.unit)
    if not is_number(value):
        raise fail("N0301", "only a number can be negated", span)
    return -value


def _group(expr: syntax.Group, lookup: Lookup) -> Any:
    named = [item for item in expr.items if item.name is not None]
    if not named:
        return tuple(evaluate(item.value, lookup) for item in expr.items)
    if len(named) < len(expr.items):
        raise fail("N0207", "either all values in parentheses have names or none has", expr.span)
    values = {item.name or "": evaluate(item.value, lookup) for item in expr.items}
    return Named(values, {item.name or "": item.span for item in expr.items})


def binary(expr: syntax.Binary, left: Any, right: Any) -> Any:
    """The value of a binary expression: arithmetic, comparison, `and`, `or`. Raises DslnasError N0301."""
    operator = expr.operator
    if operator in ("and", "or"):
        if not (isinstance(left, bool) and isinstance(right, bool)):
            raise fail("N0301", f"`{operator}` joins conditions", expr.operator_span)
        return (left and right) if operator == "and" else (left or right)
    if operator in ("==", "!="):
        return (number_if_known(left) == number_if_known(right)) == (operator == "==")
    if operator in ("<", "<=", ">", ">="):
        return _ordered(operator, left, right, expr.operator_span)
    return _arithmetic(operator, left, right, expr.operator_span)


def number_if_known(value: Any) -> Any:
    """The number of a dimension without symbols, so that `C_in == 16` compares; other values unchanged."""
    if isinstance(value, Dim) and value.known is not None:
        return value.known
    return value


def _ordered(operator: str, left: Any, right: Any, span: Span) -> bool:
    left, right = number_if_known(left), number_if_known(right)
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise fail("N0301", f"`{operator}` compares numbers that are known before the data is", span)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _arithmetic(operator: str, left: Any, right: Any, span: Span) -> Any:
    left, right = number_if_known(left), number_if_known(right)
    if isinstance(left, Dim) or isinstance(right, Dim):
        return _dimension(operator, left, right, span)
    for value in (left, right):
        if not is_number(value):
            raise fail("N0301", f"`{operator}` joins numbers here", span)
    if operator == "/" and right == 0:
        raise fail("N0301", "division by zero", span)
    result = ARITHMETIC[operator](left, right)
    if not abs(result) <= limits.NUMBER:
        raise fail("N0301", "a number is too large", span)
    return int(result) if operator == "/" and result == int(result) else result


def _dimension(operator: str, left: Any, right: Any, span: Span) -> Dim:
    """Arithmetic with symbolic channels or sizes: sums, and products with whole numbers."""
    result: Dim | None = None
    if operator in ("+", "-") and all(isinstance(value, Dim | int) for value in (left, right)):
        other = Dim.of(right)
        result = Dim.of(left) + (other if operator == "+" else other.scaled(-1))
    elif operator == "*" and isinstance(left, int):
        result = Dim.of(right).scaled(left)
    elif operator == "*" and isinstance(right, int):
        result = Dim.of(left).scaled(right)
    elif operator == "/" and isinstance(left, Dim) and isinstance(right, int) and right > 0:
        result = left.scaled(Fraction(1, right))
    if result is None:
        raise fail("N0301", f"`{operator}` does not join these dimensions", span)
    if result.beyond(limits.COEFFICIENT, limits.ROUNDINGS):
        raise fail("N0301", "a number of channels or a size is too large", span)
    return result
