"""A method as data: how choices are mixed, the loss as written, which optimizer trains what, how it prunes.

Free of torch: the text of a method is checked here, and run by `search/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from . import syntax
from .arguments import coerce
from .diagnostics import Diagnostic, DslnasError, fail
from .resolve import Keys, did_you_mean
from .source import Span
from .values import Applied, evaluate

Mixing = Literal["softmax", "sigmoid"]
MIXINGS: tuple[Mixing, ...] = ("softmax", "sigmoid")
OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("lr", "momentum", "weight_decay", "nesterov"),
    "adam": ("lr", "betas", "eps", "weight_decay"),
    "adamw": ("lr", "betas", "eps", "weight_decay"),
}
# Regularizers of a loss: how many arguments follow the weights, and on which mixing they make sense.
REGULARIZERS: Mapping[str, tuple[int, tuple[Mixing, ...], str]] = {
    "zero_one": (0, ("softmax", "sigmoid"), ""),
    "entropy": (0, ("softmax",), "entropy is that of a distribution; sigmoid weights do not sum to 1"),
    "gini": (0, ("softmax",), "the Gini impurity is that of a distribution; sigmoid weights do not sum to 1"),
    "multihot": (1, ("sigmoid",), "softmax weights sum to 1 and can never be several ones"),
}
WEIGHTS = {"alpha": "candidates", "gamma": "edges"}
COUNTS = ("nodes", "edges")
KEYS = ("mix.candidates", "mix.edges", "start", "loss", "arch", "weights", "clip", "split", "prune", "retrain", "schedule")


@dataclass(frozen=True)
class Optimizer:
    """An optimizer by its name, and its arguments."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Method:
    """What a search does.

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


def read_method(keys: Keys) -> tuple[Method | None, list[Diagnostic]]:
    """The method that keys describe, with errors and warnings; None where there are errors."""
    reader = _Reader(keys)
    method = reader.read()
    failed = any(d.severity == "error" for d in reader.diagnostics)
    return (None if failed else method), reader.diagnostics


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
        prune = self._get("prune", self._prune, {"candidates": 1}, several=True)
        loss = self.keys.values["loss"][0] if "loss" in self.keys.values else None
        if loss is None:
            message = f"method `{self.keys.name}` has no loss"
            self.diagnostics.append(Diagnostic("N0601", message, self.keys.span, help="`loss: cross_entropy`"))
            return None
        self.diagnostics += check_loss(loss, mixing)
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
                raise fail("N0207", f"`{key}` takes one value", exprs[1].span)
            return convert(values[0], key, exprs[0].span)
        except DslnasError as error:
            self.diagnostics += error.diagnostics
            return default

    def _mixing(self, value: Any, key: str, span: Span) -> Mixing:
        if value not in MIXINGS:
            help = did_you_mean(str(value), MIXINGS) or f"known: {', '.join(MIXINGS)}"
            raise fail("N0301", f"`{key}` is no mixing function", span, help=help)
        mixing: Mixing = value
        return mixing

    def _optimizer(self, value: Any, key: str, span: Span) -> Optimizer:
        if not isinstance(value, Applied) or value.name not in OPTIMIZERS or value.positional:
            raise fail("N0301", f"`{key}` takes an optimizer", span, help="`sgd(lr: 0.025)`, `adam(lr: 3e-4)`")
        known = OPTIMIZERS[value.name]
        for name, argument in value.keyword.items():
            if name not in known:
                help = did_you_mean(name, known) or f"known: {', '.join(known)}"
                raise fail("N0204", f"`{value.name}` has no argument `{name}`", span, help=help)
            numbers = argument if isinstance(argument, tuple) else (argument,)
            for number in numbers:
                if name != "nesterov" and coerce(number, "number", f"`{name}`", span) < 0:
                    raise fail("N0301", f"`{name}` of `{value.name}` is negative", span)
        if "lr" not in value.keyword:
            raise fail("N0207", f"`{value.name}` needs `lr`", span)
        return Optimizer(value.name, dict(value.keyword))

    def _start(self, value: Any, key: str, span: Span) -> float:
        if isinstance(value, Applied) and value.name == "normal" and len(value.positional) == 1:
            return float(coerce(value.positional[0], "number", "the deviation", span))
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
                case Applied(name="top", positional=(int() as count, "candidates" | "edges" as what)) if count > 0:
                    kept[what] = count
                case _:
                    help = "`prune: top(1, candidates), top(2, edges)`"
                    raise fail("N0301", "`prune` takes what remains of candidates and edges", expr.span, help=help)
        if kept.get("candidates", 1) != 1:
            raise fail("N0601", "an edge keeps one candidate", exprs[0].span, help="`top(1, candidates)`")
        return kept


def check_loss(expr: syntax.Expr, mixing: Mapping[str, Mixing]) -> list[Diagnostic]:
    """The problems of a loss formula: unknown names, and regularizers on weights mixed otherwise."""
    match expr:
        case syntax.Number() if not expr.suffix:
            return []
        case syntax.Name(name="cross_entropy"):
            return []
        case syntax.Name() if expr.name in COUNTS:
            return []
        case syntax.Negative():
            return check_loss(expr.value, mixing)
        case syntax.Binary() if expr.operator in "+-*/":
            return check_loss(expr.left, mixing) + check_loss(expr.right, mixing)
        case syntax.After():
            return check_loss(expr.term, mixing) + _check_when(expr.when)
        case syntax.Call():
            return _check_regularizer(expr, mixing)
        case syntax.Name():
            known = ["cross_entropy", *COUNTS, *REGULARIZERS]
            help = did_you_mean(expr.name, known) or f"a loss knows {', '.join(known)}"
            return [Diagnostic("N0201", f"`{expr.name}` is no part of a loss", expr.span, help=help)]
        case _:
            return [Diagnostic("N0206", "this is no part of a loss", expr.span)]


def _check_when(expr: syntax.Expr) -> list[Diagnostic]:
    try:
        coerce(evaluate(expr, lambda name: name.name), "fraction", "`after`", expr.span)
    except DslnasError as error:
        return list(error.diagnostics)
    return []


def _check_regularizer(call: syntax.Call, mixing: Mapping[str, Mixing]) -> list[Diagnostic]:
    name = call.function.name
    if name not in REGULARIZERS:
        help = did_you_mean(name, REGULARIZERS) or f"known: {', '.join(REGULARIZERS)}"
        return [Diagnostic("N0201", f"there is no regularizer `{name}`", call.function.span, help=help)]
    more, sensible, reason = REGULARIZERS[name]
    target = call.arguments[0].value if call.arguments else None
    if len(call.arguments) != 1 + more or not isinstance(target, syntax.Name) or target.name not in WEIGHTS:
        shown = f"`{name}(alpha{', 2' * more})`"
        return [Diagnostic("N0207", f"`{name}` takes `alpha` or `gamma`{' and a number' * more}", call.span, help=shown)]
    for argument in call.arguments[1:]:
        if not isinstance(argument.value, syntax.Number) or not argument.value.whole or argument.value.value < 1:
            return [Diagnostic("N0301", f"`{name}` takes a whole number of ones", argument.span)]
    used = mixing[WEIGHTS[target.name]]
    if used not in sensible:
        message = f"`{name}` regularizes weights that `{used}` mixes"
        return [Diagnostic("N0602", message, call.span, help=reason, severity="warning")]
    return []
