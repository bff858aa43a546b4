"""The key `stages` of a relaxed method: progressive search in deeper networks with fewer candidates.

P-DARTS (Chen et al., 2019): each stage trains a supernet of its own from the start. Its edges keep the
candidates with the largest weights at the end of the stage before, its depth approaches that of the final
network, and dropout on its skips keeps the search from relying on them.
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

DEPTH = "repeat"  # the parameter of a space that sets its depth
DECAY = 3.0  # the published rate falls by exp(-0.2) in each of the 15 epochs in which the architecture moves
KINDS: Mapping[str, Kind] = {"candidates": "int", "depth": "fraction", "dropout": "fraction"}
EXAMPLE = "`stages: (dropout: 10%), (candidates: 5, depth: 50%, dropout: 40%)`"


@dataclass(frozen=True)
class SearchStage:
    """One stage of a progressive search.

    candidates: how many compete on an edge, the strongest of the stage before; None: all of them.
    depth: the depth between that of the search (0) and that of the final network (1).
    dropout: the dropout rate on skips at the start of the stage, 0 .. 1.
    """

    candidates: int | None = None
    depth: float = 0.0
    dropout: float = 0.0
    depth_span: Span | None = field(default=None, compare=False, repr=False)

    def settings(self, search: StageSettings, train: StageSettings) -> StageSettings:
        """The settings of the search with the depth of this stage, between that of `search` and `train`."""
        first, last = (stage.parameters.get(DEPTH, 0) for stage in (search, train))
        depth = floor(first + self.depth * (last - first) + 0.5)
        return replace(search, parameters={**search.parameters, DEPTH: depth}) if depth != first else search

    def dropout_at(self, progress: float) -> float:
        """The dropout rate on skips; progress: the share 0 .. 1 of the architecture steps that are done.

        It decays by `exp(-3 progress)`, as in the published code.
        """
        return self.dropout * exp(-DECAY * progress)


WHOLE = (SearchStage(),)  # a search in one stage


def read_stages(values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> tuple[SearchStage, ...]:
    """Read the stages `(dropout: 10%), (candidates: 5, depth: 50%)`; raises DslnasError."""
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
    """Check that candidates never increase and are not set in the first stage; raises DslnasError."""
    if count is None:
        return
    if not before:
        help = "leave `candidates` out here"
        raise fail("N0301", "nothing ranks the candidates of the first stage", spans["candidates"], help=help)
    fewest = min((one.candidates for one in before if one.candidates is not None), default=count)
    if count > fewest:
        message = f"{count} candidates after a stage of {fewest}: those that left do not come back"
        raise fail("N0301", message, spans["candidates"])
