"""What a network may cost: the figures that an objective or a requirement is about, and requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from ..base.diagnostics import fail
from ..base.figures import is_number, millions
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..parse.parse import parse_value
from ..resolve.arguments import show
from ..resolve.values import Quantity, evaluate_words

Quality = Literal["accuracy", "macro_f1"]
Score = Literal["synflow", "jacob_cov", "naswot"]  # of networks that nobody has trained
Price = Literal["macs", "params", "latency", "memory"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)
SCORES: tuple[Score, ...] = get_args(Score)
PRICES: tuple[Price, ...] = get_args(Price)
EXAMPLE = "`params < 100k, macs < 20M, latency < 5ms, memory < 110KB`"


@dataclass(frozen=True)
class Measure:
    """How a price is written. unit: of a `Quantity`, empty for plain numbers. suffixes: the usual ones."""

    unit: str
    suffixes: tuple[str, ...]
    factor: float = 1.0  # of the first suffix, which a bound that is computed is written with


MEASURES: Mapping[Price, Measure] = {
    "macs": Measure("", ("", "k", "M", "G")),
    "params": Measure("", ("", "k", "M")),
    "latency": Measure("seconds", ("ms", "s"), 1e-3),
    "memory": Measure("bytes", ("KB", "MB"), 1024.0),
}


NAMES: Mapping[Price, str] = {
    "macs": "MACs per example",
    "params": "parameters",
    "latency": "latency",
    "memory": "memory of activations",
}


def shown(price: Price, value: float) -> str:
    """A figure of a network with its unit, as people read it: `1.609 M`, `4.21 ms`, `109.3 KB`."""
    if price == "latency":
        return f"{1e3 * value:.3g} ms" if value < 1 else f"{value:.3g} s"
    if price == "memory":
        return f"{value / 1024:,.1f} KB" if value < 1024**2 else f"{value / 1024**2:,.2f} MB"
    return millions(value)


@dataclass(frozen=True)
class Requirement:
    """A bound that a network must stay below: `params < 100k`.

    price: what is bounded. limit: the bound, which is not reached, in parameters, multiply-accumulates for
    one example, seconds, or bytes. text: as it is written.
    """

    price: Price
    limit: float
    text: str
    span: Span | None = field(default=None, compare=False, repr=False)

    def excess(self, value: float) -> float:
        """By how much of the bound a value breaks it; 0 where it keeps to it."""
        return max(0.0, value / self.limit - 1.0) if value >= self.limit else 0.0

    def met(self, value: float) -> bool:
        """Whether a value keeps to the bound."""
        return value < self.limit


def read_requirement(expr: syntax.Expr) -> Requirement:
    """The bound that `params < 100k` is; raises DslnasError N0301 where it is none."""
    if not isinstance(expr, syntax.Binary) or expr.operator not in ("<", "<=", ">", ">=", "=="):
        raise fail("N0301", "a requirement is a bound on what a network costs", expr.span, help=EXAMPLE)
    if _price_of(expr.left) is None and _price_of(expr.right) is not None:
        help = f"`{expr.right.span.text} < {expr.left.span.text}`"
        raise fail("N0301", "the bound of a requirement stands on the right", expr.span, help=help)
    price = _price(expr.left)
    if expr.operator != "<":
        message = f"a network stays below a bound: `<`, not `{expr.operator}`"
        help = f"`{price} < {expr.right.span.text}`"
        raise fail("N0301", message, expr.operator_span, help=help)
    limit = _limit(price, expr.right)
    return Requirement(price, limit, f"{price} < {_written(price, limit, expr.right)}", expr.span)


def read_requirements(exprs: Sequence[syntax.Expr]) -> tuple[Requirement, ...]:
    """The bounds of `params < 100k, macs < 20M`, each price once; raises DslnasError N0301 or N0202."""
    found: list[Requirement] = []
    for expr in exprs:
        one = read_requirement(expr)
        if one.price in [other.price for other in found]:
            raise fail("N0202", f"`{one.price}` is bounded twice", expr.span, help="keep the lower bound")
        found.append(one)
    return tuple(found)


def parse_requirements(text: str, what: str) -> tuple[Requirement, ...]:
    """The bounds in a text that stands in no file; `what` names it in messages: `--require`.

    Raises DslnasError as `read_requirements` does, and N0101 or N0102 where the text cannot be parsed.
    """
    return read_requirements(parse_value(text, what))


def _price_of(expr: syntax.Expr) -> Price | None:
    name = expr.name if isinstance(expr, syntax.Name) else ""
    return name if name in PRICES else None


def _price(expr: syntax.Expr) -> Price:
    """What a requirement bounds."""
    if (price := _price_of(expr)) is not None:
        return price
    shown = expr.span.text
    if shown in (*QUALITIES, *SCORES):
        message = f"`{shown}` is ranked, not required: networks are looked for that have most of it"
        raise fail("N0301", message, expr.span, help=f"`maximize: {shown}`; bounds are on {_known()}")
    help = did_you_mean(shown, PRICES) or f"known: {_known()}"
    raise fail("N0301", f"`{shown}` is nothing that a network costs", expr.span, help=help)


def _known() -> str:
    return ", ".join(PRICES)


def _limit(price: Price, expr: syntax.Expr) -> float:
    """The bound of a price in its base unit: a positive number."""
    value, measure = evaluate_words(expr), MEASURES[price]
    known = isinstance(value, Quantity) and value.unit == measure.unit if measure.unit else is_number(value)
    if not known:
        what = f"in {measure.unit}" if measure.unit else "a plain number"
        digits = f"{expr.value:g}" if isinstance(expr, syntax.Number) else "100"
        forms = (f"`{price} < {digits}{suffix}`" for suffix in measure.suffixes)
        raise fail("N0301", f"`{price}` is {what}, not {show(value)}", expr.span, help=", ".join(forms))
    limit = float(value.value if isinstance(value, Quantity) else value)
    if limit <= 0:
        raise fail("N0301", "a bound is above 0: every network costs something", expr.span)
    return limit


def _written(price: Price, limit: float, expr: syntax.Expr) -> str:
    """A bound as it is written; one that is computed as the number that it comes to."""
    if isinstance(expr, syntax.Number):
        return expr.span.text
    return f"{limit / MEASURES[price].factor:.12g}{MEASURES[price].suffixes[0]}"
