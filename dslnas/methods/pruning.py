"""Reads methods that prune a trained network: the rank, and the game of discriminator and student."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, cast

from ..base import limits
from ..base.diagnostics import Diagnostic, fail
from ..base.figures import is_number
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..resolve.arguments import coerce
from ..resolve.definitions import Keys
from ..resolve.values import Applied, evaluate_words
from .adversarial import GAME, PARTS, RANKS, Adversarial, PruningMethod, Rank
from .keys import PRUNING_KEYS, RELAXED_KEYS, SAMPLED_KEYS, KeyReader, read_optimizer

GAME_KEYS = ("discriminator", "generator", "masks", "weights", "keep", "patience")
GAME_ARGUMENTS = ("epochs", "noise", "within", "trials")
GENERATOR = "`logits + 0.1 * adversarial + 0.6 * sparse(masks)`"
TERMS = ("logits", "adversarial", "sparse")


def prunes(keys: Keys) -> bool:
    """Whether keys describe a method that prunes: `prune` names a rank, or they have such keys alone."""
    for expr in keys.values.get("prune", ()):
        name = expr.function if isinstance(expr, syntax.Call) else expr
        return isinstance(name, syntax.Name) and name.name in RANKS
    others = {*RELAXED_KEYS, *SAMPLED_KEYS} - {*PRUNING_KEYS}
    return not others & {*keys.values} and bool({*PRUNING_KEYS} & {*keys.values})


class PruningReader(KeyReader):
    """Reads a method that prunes from its keys."""

    own = (*PRUNING_KEYS, "weights")
    shared_keys = ()
    reason = "a method that prunes does not search; what is left is trained with the settings of the run"

    def read(self) -> PruningMethod:
        """The method; errors are added to `diagnostics`."""
        self.check_keys()
        if "prune" not in self.keys.values:
            message = f"method `{self.keys.name}` does not say `prune`"
            help = "`prune: adversarial(epochs: 100)`"
            self.diagnostics.append(Diagnostic("N0601", message, self.keys.span, help=help))
        rank, game = self.get("prune", _rank, (GAME, {}))
        of = self.get("of", _part, "nodes")
        if rank != GAME:
            for key in GAME_KEYS:
                if key in self.keys.spans:
                    message = f"`prune: {rank}` has no use for `{key}`"
                    help = "it belongs to `prune: adversarial`"
                    self.diagnostics.append(Diagnostic("N0601", message, self.keys.spans[key], help=help))
            return PruningMethod(self.keys.name, rank, of)
        base = Adversarial()
        logits, adversarial, sparse = self.get_written(
            "generator", _generator, (base.logits, base.adversarial, base.sparse)
        )
        played = Adversarial(
            hidden=self.get("discriminator", _discriminator, base.hidden),
            logits=logits,
            adversarial=adversarial,
            sparse=sparse,
            weights=self.get("weights", _weights, base.weights),
            rate=self.get("masks", _masks, base.rate),
            keep=self.get("keep", _keep, base.keep),
            patience=self.get("patience", _patience, base.patience),
            **game,
        )
        return PruningMethod(self.keys.name, rank, of, played)


def _rank(value: Any, key: str, span: Span) -> tuple[Rank, dict[str, Any]]:
    """The rank of `adversarial(epochs: 100)`, `taylor`, ..., and the arguments of the game."""
    name = value.name if isinstance(value, Applied) else value
    if name not in RANKS or (isinstance(value, Applied) and (name != GAME or value.positional)):
        help = did_you_mean(str(name), RANKS) if name not in RANKS else ""
        help = help or "`adversarial(epochs: 100)`, `random`, `l1`, `bn`, `taylor`"
        raise fail("N0301", f"`{key}` takes how what goes is ranked", span, help=help)
    return cast(Rank, name), _game(value) if isinstance(value, Applied) else {}


def _game(value: Applied) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, given in value.keyword.items():
        span, what = value.spans[name], f"`{name}`"
        if name not in GAME_ARGUMENTS:
            help = did_you_mean(name, GAME_ARGUMENTS) or f"known: {', '.join(GAME_ARGUMENTS)}"
            raise fail("N0204", f"`{GAME}` has no argument `{name}`", span, help=help)
        if name in ("noise", "within"):
            found[name] = float(coerce(given, "fraction", what, span))
            if name == "noise" and found[name] >= 1:
                raise fail("N0301", "noise that drops every value leaves nothing to tell apart", span)
        else:
            found[name] = coerce(given, "int", what, span)
    return found


def _part(value: Any, key: str, span: Span) -> str:
    if value in PARTS:
        return str(value)
    help = did_you_mean(str(value), PARTS) or f"known: {', '.join(PARTS)}"
    raise fail("N0301", f"`{key}` says what goes", span, help=help)


def _discriminator(value: Any, key: str, span: Span) -> tuple[int, ...]:
    if not isinstance(value, Applied) or value.name != "mlp" or value.keyword or not value.positional:
        message = f"`{key}` takes the widths of its hidden layers"
        raise fail("N0301", message, span, help="`mlp(128, 256, 128)`")
    widths = tuple(coerce(one, "int", "a width", span) for one in value.positional)
    if sum(widths) > limits.DISCRIMINATOR:
        raise fail("N0301", f"the layers of `{key}` have at most {limits.DISCRIMINATOR:,} units", span)
    return widths


def _masks(value: Any, key: str, span: Span) -> float:
    if not isinstance(value, Applied) or value.name != "fista" or {*value.keyword} != {"lr"}:
        raise fail("N0301", f"`{key}` takes a proximal step", span, help="`fista(lr: 0.01)`")
    rate = float(coerce(value.keyword["lr"], "number", "`lr`", value.spans["lr"]))
    if rate <= 0:
        raise fail("N0301", "masks that do not move remove nothing: `lr` is above 0", value.spans["lr"])
    return rate


def _weights(value: Any, key: str, span: Span) -> Any:
    found = read_optimizer(value, key, span)
    if found.decay_span is not None:
        message = "the student has no use for `polynomial_decay`"
        raise fail("N0601", message, found.decay_span, help="leave it out")
    return found


def _keep(value: Any, key: str, span: Span) -> float:
    least = float(coerce(value, "number", f"`{key}`", span))
    if not 0 <= least < 1:
        message = f"`{key}` is the mask below which nothing is kept, from 0 up to 1, where masks start"
        raise fail("N0301", message, span, help="`1e-2`")
    return least


def _patience(value: Any, key: str, span: Span) -> int | None:
    return None if value == "none" else int(coerce(value, "int", f"`{key}`", span))


def _generator(exprs: tuple[syntax.Expr, ...]) -> tuple[float, ...]:
    """The weights of the three terms of a sum such as `logits + 0.1 * adversarial + 0.6 * sparse(masks)`."""
    if len(exprs) > 1:
        raise fail("N0207", "`generator` takes one value", exprs[1].span)
    found: dict[str, float] = {}
    _add_terms(exprs[0], found)
    for name, why in (("logits", "follows its teacher in nothing"), ("sparse", "presses no mask to 0")):
        if not found.get(name):
            message = f"a student without `{name}` {why}"
            raise fail("N0601", message, exprs[0].span, help=GENERATOR)
    return tuple(found.get(name, 0.0) for name in TERMS)


def _add_terms(expr: syntax.Expr, found: dict[str, float]) -> None:
    if isinstance(expr, syntax.Binary) and expr.operator == "+":
        _add_terms(expr.left, found)
        _add_terms(expr.right, found)
        return
    factor, term = 1.0, expr
    if isinstance(expr, syntax.Binary) and expr.operator == "*":
        value, term = evaluate_words(expr.left), expr.right
        if not is_number(value) or not isfinite(value) or value < 0:
            raise fail("N0301", "a term is weighted by a number from 0 on", expr.left.span, help=GENERATOR)
        factor = float(value)
    name = _term(term)
    if name in found:
        raise fail("N0202", f"`{name}` is added twice", term.span)
    found[name] = factor


def _term(expr: syntax.Expr) -> str:
    match expr:
        case syntax.Name(name="logits" | "adversarial" as name):
            return name
        case syntax.Call(
            function=syntax.Name(name="sparse"),
            arguments=[syntax.Argument(name=None, value=syntax.Name(name="masks"))],
        ):
            return "sparse"
    shown = expr.function.name if isinstance(expr, syntax.Call) else expr.span.text
    help = did_you_mean(shown, TERMS) if shown not in TERMS else ""
    raise fail("N0206", "this is no term of the student's loss", expr.span, help=help or GENERATOR)


def game_words() -> Mapping[str, str]:
    """The words of values of these methods that take arguments, as they are written."""
    return {
        GAME: "adversarial(epochs: 100, noise: 10%, within: 1%, trials: 6)",
        "mlp": "mlp(128, 256, 128)",
        "fista": "fista(lr: 0.01)",
    }
