"""Reads relaxed methods (DARTS and descendants): mixing, loss, optimizer of the architecture, pruning."""

from __future__ import annotations

from typing import Any

from ..base.diagnostics import Diagnostic, errors, fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..parse import syntax
from ..parse.walking import names_in
from ..resolve.arguments import coerce
from ..resolve.values import Applied, RangeValue
from .deciding import Deciding, Rerank
from .keys import RELAXED_KEYS, KeyReader, Schedule, one_value, read_clip, read_optimizer, read_schedule
from .loss import MIXINGS, Mixing, check_loss
from .method import Optimizer, RelaxedMethod, Stop
from .prune_key import Pruning, read_pruning
from .stages import WHOLE, SearchStage, read_stages

Temperatures = tuple[float, float]
ROUNDING = 1e-9


class RelaxedReader(KeyReader):
    """Reads a relaxed method from its keys."""

    own = RELAXED_KEYS
    reason = "it belongs to a method that samples its supernet: `supernet: fair`"

    def read(self) -> RelaxedMethod | None:
        """The method; None if it has no loss. Errors are added to `diagnostics`."""
        self.check_keys()
        mixing, temperature = self._mixing()
        shared = self.shared()
        prune = self.get_all("prune", read_pruning, Pruning())
        arch = self.get("arch", _arch, Optimizer("adam", {"lr": 3e-4}))
        unroll = self._unroll(shared["weights"], temperature)
        weights_floor = self._weights_floor()
        stages = self._stages(arch, unroll)
        loss = self._loss(mixing)
        if loss is None:
            return None
        return RelaxedMethod(
            **shared,
            mixing=mixing,
            start=self.get("start", _start, 1e-3),
            loss=loss,
            arch=arch,
            arch_clip=self._arch_clip(arch),
            weights_floor=weights_floor,
            unroll=unroll,
            unroll_falls=None not in (unroll, weights_floor) and "unroll" not in self.keys.values,
            stages=stages,
            keep_candidates=prune.candidates,
            keep_edges=prune.edges,
            ranked_by=prune.ranked_by,
            keep_skips=prune.skips,
            pairs=prune.pairs,
            above=prune.above,
            deciding=self._deciding(prune, arch),
            temperature=temperature,
            parts=self.get("mix.channels", _parts, 1),
            auxiliary=self._auxiliary(temperature, arch),
            stop=self._stop(temperature, arch),
            channels_span=self.keys.spans.get("mix.channels"),
            prune_span=self.keys.spans.get("prune"),
        )

    def _mixing(self) -> tuple[dict[str, Mixing], Temperatures | None]:
        """The mixing functions of candidates and edges, and the temperatures of `gumbel`."""
        default: tuple[Mixing, None] = "softmax", None
        found = {what: self.get(f"mix.{what}", _mixing, default) for what in MIXINGS}
        mixing = {what: name for what, (name, _) in found.items()}
        if mixing["edges"] == "joint" and mixing["candidates"] != "softmax":
            message = "`joint` is one softmax over the edges into a node and their candidates"
            span = self.keys.spans["mix.edges"]
            self.diagnostics.append(Diagnostic("N0601", message, span, help="`mix.candidates: softmax`"))
        return mixing, found["candidates"][1]

    def _unroll(self, weights: Optimizer, temperature: Temperatures | None) -> float | None:
        """The learning rate of the virtual weight step, by default that of the weights; None: first order."""
        ahead: float | None = self.get("unroll", _ahead, None)
        if self.get("order", _order, 1) == 1:
            if ahead is not None:
                message = f"method `{self.keys.name}` has no use for `unroll`"
                help = "the weights step ahead at second order alone: `order: 2`"
                self.diagnostics.append(Diagnostic("N0601", message, self.keys.spans["unroll"], help=help))
            return None
        if temperature is not None:
            message = "the second order needs a step of all weights, and `gumbel` computes a part of them"
            span = self.keys.spans["order"]
            self.diagnostics.append(Diagnostic("N0601", message, span, help="`order: 1`"))
        return float(weights.arguments["lr"]) if ahead is None else ahead

    def _arch_clip(self, arch: Optimizer | None) -> float | None:
        clip: float | None = self.get("arch.clip", _arch_clip, None)
        if clip is not None and arch is None:
            message = "with `arch: none` there is no gradient to clip"
            self.diagnostics.append(Diagnostic("N0601", message, self.keys.spans["arch.clip"]))
        return clip

    def _auxiliary(
        self, temperature: Temperatures | None, arch: Optimizer | None
    ) -> tuple[float, float] | None:
        """What is added to the weights of skips, at the start and at the end of the search."""
        found: tuple[float, float] | None = self.get("mix.skips", _more_skips, None)
        message = ""
        if found is not None and temperature is not None:
            message = "`gumbel` computes one candidate of an edge, and a skip beside it would be a second"
        elif found is not None and arch is None:
            message = "with `arch: none` nothing is trained, with or without more of a skip"
        if message:
            span = self.keys.spans["mix.skips"]
            self.diagnostics.append(Diagnostic("N0601", message, span, help="leave it out"))
        return found

    def _stop(self, temperature: Temperatures | None, arch: Optimizer | None) -> Stop | None:
        """What ends the search before its last step."""
        found: Stop | None = self.get("stop", _stop, None)
        message = ""
        if found == "eigenvalue" and temperature is not None:
            message = "`gumbel` computes one candidate of an edge, whose loss has no curvature in the others"
        elif found == "eigenvalue" and arch is None:
            message = "with `arch: none` no architecture moves into a sharp minimum"
        if message:
            span = self.keys.spans["stop"]
            self.diagnostics.append(Diagnostic("N0601", message, span, help="leave it out"))
        return found

    def _deciding(self, prune: Pruning, arch: Optimizer | None) -> Deciding | None:
        decided = prune.deciding
        alone = isinstance(decided, Rerank) and not decided.inherits
        if decided is not None and arch is None and not alone:
            message = "with `arch: none` no supernet is trained that could judge networks"
            help = "`prune: top(2, edges)`, or `rerank(train: 100)`, which trains each by itself"
            self.diagnostics.append(Diagnostic("N0601", message, self.keys.spans["prune"], help=help))
        return decided

    def _weights_floor(self) -> float | None:
        """The last learning rate of the weights in the search, which begins at its full rate."""
        schedule: Schedule = self.get("weights.schedule", read_schedule, Schedule())
        if schedule.warmup:
            message = "the learning rate of a relaxed supernet is constant or falls"
            help = "`cosine(1e-3)`, `constant`"
            span = self.keys.values["weights.schedule"][0].span
            self.diagnostics.append(Diagnostic("N0601", message, span, help=help))
        return schedule.floor

    def _stages(self, arch: Optimizer | None, unroll: float | None) -> tuple[SearchStage, ...]:
        stages: tuple[SearchStage, ...] = self.get_all("stages", read_stages, WHOLE)
        message = ""
        if len(stages) > 1 and arch is None:
            message = "stages keep what the architecture learns, and with `arch: none` it learns nothing"
        elif unroll is not None and any(stage.dropout for stage in stages):
            message = "the second order compares passes that would lose different values to `dropout`"
        if message:
            self.diagnostics.append(Diagnostic("N0601", message, self.keys.spans["stages"]))
        return stages

    def _loss(self, mixing: dict[str, Mixing]) -> syntax.Expr | None:
        if "loss" not in self.keys.values:
            message = f"method `{self.keys.name}` has no loss"
            self.diagnostics.append(
                Diagnostic("N0601", message, self.keys.span, help="`loss: cross_entropy`")
            )
            return None
        loss, *more = self.keys.values["loss"]
        if more:
            self.diagnostics.append(one_value("loss", more[0].span))
        wrong = check_loss(loss, mixing)
        self.diagnostics += wrong
        if not errors(wrong) and "cross_entropy" not in names_in([loss]):
            help = "begin it with `cross_entropy`"
            self.diagnostics.append(Diagnostic("N0601", "this loss trains no weights", loss.span, help=help))
        return loss


def _order(value: Any, key: str, span: Span) -> int:
    if value in (1, 2) and type(value) is int:
        return int(value)
    raise fail("N0301", f"`{key}` is 1 or 2: how the weights' own step is differentiated", span)


def _ahead(value: Any, key: str, span: Span) -> float:
    ahead = float(coerce(value, "number", f"`{key}`", span))
    if ahead < 0:
        raise fail("N0301", f"`{key}` is a learning rate, and not negative", span)
    return ahead


def _mixing(value: Any, key: str, span: Span) -> tuple[Mixing, Temperatures | None]:
    known = MIXINGS[key.removeprefix("mix.")]
    name = value.name if isinstance(value, Applied) else value
    if name not in known or (isinstance(value, Applied) and name != "gumbel"):
        help = did_you_mean(str(name), known) or f"known: {', '.join(known)}"
        raise fail("N0301", f"`{key}` is no mixing function", span, help=help)
    mixing: Mixing = name
    return mixing, _temperatures(value, span) if name == "gumbel" else None


def _temperatures(value: Any, span: Span) -> Temperatures:
    """The temperatures of `gumbel(10 .. 0.1)` at the start and at the end of the search."""
    match value:
        case Applied(positional=(RangeValue(low=first, high=last),), keyword=more) if not more:
            ends = (float(coerce(each, "number", "a temperature", span)) for each in (first, last))
            temperatures = (next(ends), next(ends))
            if min(temperatures) > 0:
                return temperatures
    message = "`gumbel` takes the temperatures at the start and at the end, above 0"
    raise fail("N0301", message, span, help="`gumbel(10 .. 0.1)`")


def _more_skips(value: Any, key: str, span: Span) -> tuple[float, float] | None:
    """The values of `1 .. 0`, from 0 on."""
    match value:
        case "none":
            return None
        case RangeValue(low=first, high=last):
            found = tuple(float(coerce(each, "number", f"`{key}`", span)) for each in (first, last))
            if min(found) >= 0:
                return found[0], found[1]
    message = f"`{key}` takes what is added to the weight of each skip, at the start and at the end"
    raise fail("N0301", message, span, help="`1 .. 0`")


def _stop(value: Any, key: str, span: Span) -> Stop | None:
    """How many skips, from 1 on, or the share of them, below 1, end the search; or `eigenvalue`."""
    match value:
        case "none":
            return None
        case "eigenvalue":
            return "eigenvalue"
        case Applied(name="skips", positional=(int() as count,), keyword=more) if count > 0 and not more:
            return float(coerce(count, "int", "the number of skips", span))
        case Applied(name="skips", positional=(share,), keyword=more) if not more:
            found = float(coerce(share, "fraction", "the share of skips", span))
            if 0 < found < 1:
                return found
    message = f"`{key}` takes how many skips of a normal cell end the search, or that an eigenvalue does"
    raise fail("N0301", message, span, help="`skips(3)`, `skips(50%)`, `eigenvalue`")


def _arch(value: Any, key: str, span: Span) -> Optimizer | None:
    return None if value == "none" else read_optimizer(value, key, span)


def _arch_clip(value: Any, key: str, span: Span) -> float | None:
    return None if value == "none" else read_clip(value, key, span)


def _parts(value: Any, key: str, span: Span) -> int:
    """The number of parts of the channels, one of which is mixed: 4 for `1/4` and for `25%`."""
    share = float(coerce(value, "fraction", f"`{key}`", span))
    parts = round(1 / share) if share > 0 else 0
    if parts < 1 or abs(share * parts - 1) > ROUNDING:
        raise fail("N0301", f"`{key}` is one part of several", span, help="`1/4`, `50%`, `1` for all")
    return parts


def _start(value: Any, key: str, span: Span) -> float:
    if isinstance(value, Applied) and value.name == "normal" and len(value.positional) == 1:
        deviation = float(coerce(value.positional[0], "number", "the deviation", span))
        if deviation >= 0:
            return deviation
    raise fail("N0301", f"`{key}` takes a distribution", span, help="`normal(1e-3)`")
