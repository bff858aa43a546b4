"""Reads the keys that methods share: optimizers, clipping, data split, schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..base.diagnostics import Diagnostic, DslnasError, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..resolve.arguments import coerce
from ..resolve.definitions import Keys
from ..resolve.values import Applied, evaluate_words
from .method import Optimizer

SHARED_KEYS = ("weights", "weights.schedule", "clip", "split", "average", "retrain", "schedule")
RELAXED_KEYS = (
    "mix.candidates",
    "mix.edges",
    "mix.channels",
    "mix.skips",
    "order",
    "unroll",
    "start",
    "loss",
    "arch",
    "arch.clip",
    "stages",
    "stop",
    "prune",
)
SAMPLED_KEYS = ("supernet", "evolve", "maximize", "minimize", "require", "random")
PRUNING_KEYS = ("prune", "of", "discriminator", "generator", "masks", "keep", "patience")
KEYS = tuple(dict.fromkeys((*RELAXED_KEYS, *SHARED_KEYS, *SAMPLED_KEYS, *PRUNING_KEYS)))
SMALLER = "it belongs to a method that makes a trained network smaller: `prune: adversarial`"
POLYNOMIAL_DECAY = "polynomial_decay"
OPTIMIZERS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("lr", "momentum", "weight_decay", "nesterov", POLYNOMIAL_DECAY),
    "adam": ("lr", "betas", "eps", "weight_decay", POLYNOMIAL_DECAY),
    "adamw": ("lr", "betas", "eps", "weight_decay", POLYNOMIAL_DECAY),
}


@dataclass(frozen=True)
class Schedule:
    """A learning rate over a training.

    floor: the last one of a cosine; None: constant. warmup: the epochs over which it rises from 0 before.
    """

    floor: float | None = None
    warmup: int = 0


class KeyReader:
    """Reads the values of a method's keys; errors are collected, and the default replaces a wrong value.

    own: the keys of this kind of method, besides the shared ones. reason: a help on why others do not apply.
    """

    own: tuple[str, ...] = ()
    shared_keys: tuple[str, ...] = SHARED_KEYS
    reason = ""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.diagnostics: list[Diagnostic] = []

    def check_keys(self) -> None:
        """Record N0204 for each unknown key, and N0601 for each key of another kind of method."""
        applying = (*self.own, *self.shared_keys)
        for key, span in self.keys.spans.items():
            if key not in KEYS:
                help = did_you_mean(key, KEYS) or f"known: {', '.join(applying)}"
                self.diagnostics.append(Diagnostic("N0204", f"a method has no key `{key}`", span, help=help))
            elif key not in applying:
                message = f"method `{self.keys.name}` has no use for `{key}`"
                smaller = key in PRUNING_KEYS and key not in RELAXED_KEYS
                help = SMALLER if smaller else self.reason
                self.diagnostics.append(Diagnostic("N0601", message, span, help=help))

    def shared(self) -> dict[str, Any]:
        """The values of the shared keys, by the fields of `Method`."""
        default = Optimizer("sgd", {"lr": 0.025, "momentum": 0.9, "weight_decay": 3e-4})
        weights = self.get("weights", read_optimizer, default)
        schedule = self.get("schedule", read_schedule, Schedule())
        return {
            "name": self.keys.name,
            "weights": weights,
            "clip": self.get("clip", read_clip, None),
            "split": self.get("split", _split, 0.5),
            "retrain": self.get("retrain", read_optimizer, weights),
            "floor": schedule.floor,
            "retrain_warmup": schedule.warmup,
            "average": self.get("average", _average, None),
        }

    def get(self, key: str, convert: Callable[[Any, str, Span], Any], default: Any) -> Any:
        """The converted value of a key with a single value, or the default."""

        def of_one(values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> Any:
            if len(values) > 1:
                raise DslnasError(one_value(key, exprs[1].span))
            return convert(values[0], key, exprs[0].span)

        return self.get_all(key, of_one, default)

    def get_all(
        self,
        key: str,
        convert: Callable[[tuple[Any, ...], tuple[syntax.Expr, ...]], Any],
        default: Any,
    ) -> Any:
        """The converted values of a key that takes several, or the default."""
        return self.get_written(key, lambda exprs: convert(tuple(map(evaluate_words, exprs)), exprs), default)

    def get_written(self, key: str, convert: Callable[[tuple[syntax.Expr, ...]], Any], default: Any) -> Any:
        """What the expressions of a key say to `convert`, or the default."""
        if key not in self.keys.values:
            return default
        try:
            return convert(self.keys.values[key])
        except DslnasError as error:
            self.diagnostics += error.diagnostics
            return default


def one_value(key: str, span: Span) -> Diagnostic:
    """The error N0207 for a key with several values."""
    return Diagnostic("N0207", f"`{key}` takes one value", span)


def read_optimizer(value: Any, key: str, span: Span) -> Optimizer:
    """The optimizer of `adam(lr: 3e-4)`; raises DslnasError."""
    if not isinstance(value, Applied) or value.name not in OPTIMIZERS or value.positional:
        named = getattr(value, "name", value)  # `adam` alone is a word
        hint = did_you_mean(named, OPTIMIZERS) if isinstance(named, str) and named not in OPTIMIZERS else ""
        help = hint or "`sgd(lr: 0.025)`, `adam(lr: 3e-4)`"
        raise fail("N0301", f"`{key}` takes an optimizer", span, help=help)
    known = OPTIMIZERS[value.name]
    for name, argument in value.keyword.items():
        if name not in known:
            help = did_you_mean(name, known) or f"known: {', '.join(known)}"
            raise fail("N0204", f"`{value.name}` has no argument `{name}`", value.spans[name], help=help)
        if name == POLYNOMIAL_DECAY and key == "arch":
            message = f"the architecture has no use for `{name}`"
            raise fail("N0601", message, value.spans[name], help="it belongs to `weights` and to `retrain`")
        _check_argument(value.name, name, argument, value.spans[name])
    if "lr" not in value.keyword:
        raise fail("N0207", f"`{value.name}` needs `lr`", span)
    return Optimizer(value.name, dict(value.keyword), value.spans.get(POLYNOMIAL_DECAY))


def _check_argument(optimizer: str, name: str, value: Any, span: Span) -> None:
    """Check one argument of an optimizer; raises DslnasError N0301."""
    if name == "nesterov":
        coerce(value, "bool", f"`{name}`", span)
        return
    numbers = value if name == "betas" and isinstance(value, tuple) and len(value) == 2 else (value,)
    for number in numbers:
        if coerce(number, "number", f"`{name}`", span) < 0:
            raise fail("N0301", f"`{name}` of `{optimizer}` is negative", span)
    if name == "betas" and (len(numbers) != 2 or max(numbers) >= 1):
        raise fail("N0301", "`betas` are two numbers from 0 up to 1", span, help="`betas: (0.9, 0.999)`")


def read_clip(value: Any, key: str, span: Span) -> float:
    """The norm at which gradients are clipped; raises DslnasError N0301."""
    clip = float(coerce(value, "number", f"`{key}`", span))
    if clip <= 0:
        raise fail("N0301", "the norm that gradients are clipped at is positive", span)
    return clip


def _split(value: Any, key: str, span: Span) -> float:
    share = float(coerce(value, "fraction", f"`{key}`", span))
    if not 0.05 <= share <= 0.95:
        raise fail("N0301", "`split` leaves both halves something: 5% to 95%", span)
    return share


def _average(value: Any, key: str, span: Span) -> float | None:
    if value == "none":
        return None
    share = float(coerce(value, "fraction", f"`{key}`", span))
    if not 0 < share < 1:
        help = "`0.999`; `none`: the weights themselves"
        raise fail("N0301", f"`{key}` is a share between 0 and 1 that each step keeps", span, help=help)
    return share


def read_schedule(value: Any, key: str, span: Span) -> Schedule:
    """The schedule of `cosine(1e-5)`, `warmup(3)` or `constant`; raises DslnasError N0301."""
    match value:
        case "constant":
            return Schedule()
        case Applied(name="cosine", positional=(rate,), keyword=more) if not more:
            last = float(coerce(rate, "number", "the last learning rate", span))
            if last >= 0:
                return Schedule(floor=last)
            raise fail("N0301", f"the last learning rate of `{key}` is negative", span, help="`cosine(0)`")
        case Applied(name="warmup", positional=(epochs,), keyword=more) if not more:
            return Schedule(warmup=coerce(epochs, "count", "the epochs of `warmup`", span))
    message = f"`{key}` takes `cosine(last learning rate)`, `warmup(epochs)` or `constant`"
    raise fail("N0301", message, span)
