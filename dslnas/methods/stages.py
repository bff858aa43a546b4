"""The key `stages` of a relaxed method: a search that goes on in deeper networks, with fewer candidates.

P-DARTS (Chen et al., 2019): each stage trains a supernet of its own from the start. Its edges keep the
candidates that weighed most at the end of the stage before, its network comes closer to the depth that is
trained in the end, and its skips lose values, so that the search does not lean on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, floor
from typing import Any

from ..base.diagnostics import fail
from ..base.source import Span
from ..base.spelling import did_you_mean
from ..ir.primitives.registry import Kind
from ..parse import syntax
from ..resolve.arguments import coerce
from ..resolve.settings import StageSettings
from ..resolve.values import Named

DEPTH = "repeat"  # the parameter of a space that says how deep it is
DECAY = 3.0  # the published rate falls by exp(-0.2) in each of the 15 epochs in which the architecture moves
KINDS: Mapping[str, Kind] = {"candidates": "int", "depth": "fraction", "dropout": "fraction"}
EXAMPLE = "`stages: (dropout: 10%), (candidates: 5, depth: 50%, dropout: 40%)`"


@dataclass(frozen=True)
class SearchStage:
    """One stage of a search.

    candidates: how many compete on an edge, the strongest of the stage before; None: all that it had.
    depth: how far the network is on the way from the depth of the search to that of what is trained, 0 .. 1.
    dropout: the share of its values that a skip loses in training, where the stage begins.
    """

    candidates: int | None = None
    depth: float = 0.0
    dropout: float = 0.0
    depth_span: Span | None = field(default=None, compare=False, repr=False)

    def settings(self, search: StageSettings, train: StageSettings) -> StageSettings:
        """The settings of the search at the depth of this stage, which is that of both where they agree."""
        first, last = (stage.parameters.get(DEPTH, 0) for stage in (search, train))
        depth = floor(first + self.depth * (last - first) + 0.5)
        return replace(search, parameters={**search.parameters, DEPTH: depth}) if depth != first else search

    def dropout_at(self, progress: float) -> float:
        """The share of its values that a skip loses, after a share of the steps that move the architecture.

        It falls as that of the published code, `exp(-3 progress)` of what it begins with.
        """
        return self.dropout * exp(-DECAY * progress)


WHOLE = (SearchStage(),)  # a search that is not parted


def read_stages(values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> tuple[SearchStage, ...]:
    """`(dropout: 10%), (candidates: 5, depth: 50%)` as stages; raises DslnasError."""
    stages: list[SearchStage] = []
    for value, expr in zip(values, exprs, strict=True):
        if not isinstance(value, Named):
            raise fail("N0301", "a stage of a search is named values", expr.span, help=EXAMPLE)
        stages.append(_stage(value, stages))
    return tuple(stages)


def _stage(named: Named, before: Sequence[SearchStage]) -> SearchStage:
    found: dict[str, Any] = {}
    for name, value in named.values.items():
        span = named.spans[name]
        if name not in KINDS:
            help = did_you_mean(name, KINDS) or f"known: {', '.join(KINDS)}"
            raise fail("N0204", f"a stage of a search has no setting `{name}`", span, help=help)
        found[name] = coerce(value, KINDS[name], f"`{name}`", span)
    _check_candidates(found.get("candidates"), before, named.spans)
    if found.get("dropout") == 1:
        raise fail("N0301", "skips that lose all values hand on nothing", named.spans["dropout"])
    return SearchStage(**found, depth_span=named.spans.get("depth"))


def _check_candidates(count: int | None, before: Sequence[SearchStage], spans: Mapping[str, Span]) -> None:
    """Candidates only leave, and not before a stage has ranked them; raises DslnasError."""
    if count is None:
        return
    if not before:
        help = "leave `candidates` out here"
        raise fail("N0301", "nothing ranks the candidates of the first stage", spans["candidates"], help=help)
    fewest = min((one.candidates for one in before if one.candidates is not None), default=count)
    if count > fewest:
        message = f"{count} candidates after a stage of {fewest}: those that left do not come back"
        raise fail("N0301", message, spans["candidates"])
