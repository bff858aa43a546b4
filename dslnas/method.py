"""A method as data: how choices are mixed, the loss as written, which optimizer trains what, how it prunes.

Free of torch: the text of a method is checked here, and run by `search/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import syntax
from .arguments import bind, coerce
from .definitions import Keys, did_you_mean
from .diagnostics import Diagnostic, DslnasError, fail
from .graph import Program
from .names import names_in, substituted
from .objective import MIXINGS, Mixing, check_loss, counted
from .source import Span
from .values import Applied, evaluate

OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("lr", "momentum", "weight_decay", "nesterov"),
    "adam": ("lr", "betas", "eps", "weight_decay"),
    "adamw": ("lr", "betas", "eps", "weight_decay"),
}
__all__ = ["MIXINGS", "Method", "Mixing", "Optimizer", "misfits", "read_call", "read_method"]

KEYS = (
    "mix.candidates", "mix.edges", "order", "start", "loss", "arch", "weights", "clip", "split", "prune",
    "retrain", "schedule",
)  # fmt: skip


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by its name, and its arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Method:
    """What a search does.

    name: as an experiment calls it, with its arguments: `darts`, `darts(order: 1)`.
    mixing: how the weights of `candidates` and of `edges` come from the architecture parameters.
    start: standard deviation of the architecture parameters at the start.
    loss: the formula, over `cross_entropy`, `alpha`, `gamma`, `nodes`, `edges` and the regularizers.
    keep_candidates, keep_edges: what pruning keeps per edge and per node.
    floor: what the cosine schedule of the retraining ends at; None: a constant rate.
    """

    name: str
    mixing: Mapping[str, Mixing]
    start: float
    loss: syntax.Expr = field(compare=False)
    arch: Optimizer
    weights: Optimizer
    clip: float | None
    split: float
    keep_candidates: int
    keep_edges: int | None
    retrain: Optimizer
    floor: float | None
    prune_span: Span | None = field(default=None, compare=False, repr=False)


def read_call(expr: syntax.Expr, known: Mapping[str, Keys]) -> tuple[Keys, tuple[syntax.Argument, ...]]:
    """The method that an experiment names, `darts` or `darts(order: 1)`, and the arguments it gives.

    Raises DslnasError N0201 where no method has the name.
    """
    name = expr.function if isinstance(expr, syntax.Call) else expr
    if not isinstance(name, syntax.Name) or name.name not in known:
        shown = name.name if isinstance(name, syntax.Name) else expr.span.text
        help = did_you_mean(shown, known) or f"known: {', '.join(known)}"
        raise fail("N0201", f"there is no method `{shown}`", name.span, help=help)
    return known[name.name], expr.arguments if isinstance(expr, syntax.Call) else ()


def read_method(
    keys: Keys, arguments: Sequence[syntax.Argument] = ()
) -> tuple[Method | None, list[Diagnostic]]:
    """The method that keys and arguments describe, with errors and warnings; None where there are errors."""
    try:
        reader = _Reader(_with_arguments(keys, arguments))
    except DslnasError as error:
        return None, list(error.diagnostics)
    method = reader.read()
    failed = any(d.severity == "error" for d in reader.diagnostics)
    return (None if failed else method), reader.diagnostics


def _with_arguments(keys: Keys, arguments: Sequence[syntax.Argument]) -> Keys:
    """The keys with the value of each parameter in its place."""
    place = arguments[0].span if arguments else keys.span
    given = bind(keys.name, [parameter.name for parameter in keys.parameters], arguments, place)
    values: dict[str, syntax.Expr] = {}
    for parameter in keys.parameters:
        value = given[parameter.name].value if parameter.name in given else parameter.default
        if value is None:
            raise fail("N0207", f"method `{keys.name}` needs `{parameter.name}`", place)
        values[parameter.name] = value
    shown = ", ".join(f"{name}: {argument.value.span.text}" for name, argument in given.items())
    return replace(
        keys,
        name=f"{keys.name}({shown})" if shown else keys.name,
        values={key: substituted(exprs, values) for key, exprs in keys.values.items()},
    )


def misfits(method: Method, program: Program) -> list[Diagnostic]:
    """Errors where a method keeps or forces more than the space has to choose from."""
    found: list[Diagnostic] = []
    arriving = [(len(s.sources), f"node {s.node} of cell `{s.cell}`") for s in program.selections.values()]
    offered = [(len(point.options), f"choice `{id}`") for id, point in program.choices.items()]
    fewest, where = min(arriving, default=(None, ""))
    if fewest is not None and method.keep_edges is not None and method.keep_edges > fewest:
        message = f"method `{method.name}` keeps {method.keep_edges} edges where {_arrive(fewest)}"
        found.append(Diagnostic("N0405", message, method.prune_span, help=f"at {where}"))
    for call, weights, count in counted(method.loss):
        fewest, where = min(arriving if weights == "gamma" else offered, default=(None, ""))
        if fewest is not None and count > fewest:
            what = _arrive(fewest) if weights == "gamma" else f"{fewest} options compete"
            message = f"`{call.span.text}` where {what}"
            found.append(Diagnostic("N0602", message, call.span, help=f"at {where}"))
    return found


def _arrive(count: int) -> str:
    return f"{count} edge{'s arrive' if count > 1 else ' arrives'}"


class _Reader:
    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.diagnostics: list[Diagnostic] = []

    def read(self) -> Method | None:
        for key, span in self.keys.spans.items():
            if key not in KEYS:
                help = did_you_mean(key, KEYS) or f"known: {', '.join(KEYS)}"
                self.diagnostics.append(Diagnostic("N0204", f"a method has no key `{key}`", span, help=help))
        mixing: dict[str, Mixing] = {
            "candidates": self._get("mix.candidates", self._mixing, "softmax"),
            "edges": self._get("mix.edges", self._mixing, "softmax"),
        }
        self._get("order", self._order, 1)
        prune = self._get("prune", self._prune, {"candidates": 1}, several=True)
        loss = self.keys.values["loss"][0] if "loss" in self.keys.values else None
        if loss is None:
            message = f"method `{self.keys.name}` has no loss"
            self.diagnostics.append(
                Diagnostic("N0601", message, self.keys.span, help="`loss: cross_entropy`")
            )
            return None
        if len(self.keys.values["loss"]) > 1:
            self.diagnostics.append(_one_value("loss", self.keys.values["loss"][1].span))
        self.diagnostics += check_loss(loss, mixing)
        if "cross_entropy" not in names_in([loss]):
            help = "begin it with `cross_entropy`"
            self.diagnostics.append(Diagnostic("N0601", "this loss trains no weights", loss.span, help=help))
        default = Optimizer("sgd", {"lr": 0.025, "momentum": 0.9, "weight_decay": 3e-4})
        weights = self._get("weights", self._optimizer, default)
        return Method(
            name=self.keys.name,
            mixing=mixing,
            start=self._get("start", self._start, 1e-3),
            loss=loss,
            arch=self._get("arch", self._optimizer, Optimizer("adam", {"lr": 3e-4})),
            weights=weights,
            clip=self._get("clip", self._clip, None),
            split=self._get("split", self._split, 0.5),
            keep_candidates=prune.get("candidates", 1),
            keep_edges=prune.get("edges"),
            retrain=self._get("retrain", self._optimizer, weights),
            floor=self._get("schedule", self._schedule, None),
            prune_span=self.keys.spans.get("prune"),
        )

    def _get(self, key: str, convert: Callable[..., Any], default: Any, several: bool = False) -> Any:
        """The converted value of a key, or its default; errors are kept, not raised."""
        if key not in self.keys.values:
            return default
        exprs = self.keys.values[key]
        try:
            values = tuple(evaluate(expr, lambda name: name.name) for expr in exprs)
            if several:
                return convert(values, exprs)
            if len(values) > 1:
                raise DslnasError(_one_value(key, exprs[1].span))
            return convert(values[0], key, exprs[0].span)
        except DslnasError as error:
            self.diagnostics += error.diagnostics
            return default

    def _order(self, value: Any, key: str, span: Span) -> int:
        if value == 1 and type(value) is int:
            return 1
        if value == 2:
            raise fail("N0601", "the search of second order is not there yet", span, help="`order: 1`")
        raise fail("N0301", f"`{key}` is 1 or 2: how the weights' own step is differentiated", span)

    def _mixing(self, value: Any, key: str, span: Span) -> Mixing:
        if value not in MIXINGS:
            help = did_you_mean(str(value), MIXINGS) or f"known: {', '.join(MIXINGS)}"
            raise fail("N0301", f"`{key}` is no mixing function", span, help=help)
        mixing: Mixing = value
        return mixing

    def _optimizer(self, value: Any, key: str, span: Span) -> Optimizer:
        if not isinstance(value, Applied) or value.name not in OPTIMIZERS or value.positional:
            raise fail(
                "N0301", f"`{key}` takes an optimizer", span, help="`sgd(lr: 0.025)`, `adam(lr: 3e-4)`"
            )
        known = OPTIMIZERS[value.name]
        for name, argument in value.keyword.items():
            if name not in known:
                help = did_you_mean(name, known) or f"known: {', '.join(known)}"
                raise fail("N0204", f"`{value.name}` has no argument `{name}`", value.spans[name], help=help)
            _check_argument(value.name, name, argument, value.spans[name])
        if "lr" not in value.keyword:
            raise fail("N0207", f"`{value.name}` needs `lr`", span)
        return Optimizer(value.name, dict(value.keyword))

    def _start(self, value: Any, key: str, span: Span) -> float:
        if isinstance(value, Applied) and value.name == "normal" and len(value.positional) == 1:
            deviation = float(coerce(value.positional[0], "number", "the deviation", span))
            if deviation >= 0:
                return deviation
        raise fail("N0301", f"`{key}` takes a distribution", span, help="`normal(1e-3)`")

    def _clip(self, value: Any, key: str, span: Span) -> float:
        clip = float(coerce(value, "number", f"`{key}`", span))
        if clip <= 0:
            raise fail("N0301", "the norm that gradients are clipped at is positive", span)
        return clip

    def _split(self, value: Any, key: str, span: Span) -> float:
        share = float(coerce(value, "fraction", f"`{key}`", span))
        if not 0.05 <= share <= 0.95:
            raise fail("N0301", "`split` leaves both halves something: 5% to 95%", span)
        return share

    def _schedule(self, value: Any, key: str, span: Span) -> float | None:
        if value == "constant":
            return None
        if isinstance(value, Applied) and value.name == "cosine" and len(value.positional) == 1:
            return float(coerce(value.positional[0], "number", "the last learning rate", span))
        raise fail("N0301", f"`{key}` takes `cosine(last learning rate)` or `constant`", span)

    def _prune(self, values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> dict[str, int]:
        kept: dict[str, int] = {}
        for value, expr in zip(values, exprs, strict=True):
            match value:
                case Applied(name="top", positional=(int() as count, "candidates" | "edges" as what)) if (
                    count > 0
                ):
                    kept[what] = count
                case _:
                    help = "`prune: top(1, candidates), top(2, edges)`"
                    raise fail(
                        "N0301", "`prune` takes what remains of candidates and edges", expr.span, help=help
                    )
        if kept.get("candidates", 1) != 1:
            raise fail("N0601", "an edge keeps one candidate", exprs[0].span, help="`top(1, candidates)`")
        return kept


def _one_value(key: str, span: Span) -> Diagnostic:
    return Diagnostic("N0207", f"`{key}` takes one value", span)


def _check_argument(optimizer: str, name: str, value: Any, span: Span) -> None:
    """One argument of an optimizer; raises DslnasError."""
    if name == "nesterov":
        coerce(value, "bool", f"`{name}`", span)
        return
    numbers = value if name == "betas" and isinstance(value, tuple) and len(value) == 2 else (value,)
    for number in numbers:
        if coerce(number, "number", f"`{name}`", span) < 0:
            raise fail("N0301", f"`{name}` of `{optimizer}` is negative", span)
    if name == "betas" and (len(numbers) != 2 or max(numbers) >= 1):
        raise fail("N0301", "`betas` are two numbers from 0 up to 1", span, help="`betas: (0.9, 0.999)`")
