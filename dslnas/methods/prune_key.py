"""The key `prune` of a relaxed method: what remains of candidates, edges, pairs and skips, and how ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..base.diagnostics import fail
from ..base.source import Span
from ..parse import syntax
from ..resolve.arguments import coerce
from ..resolve.values import Applied
from .deciding import Deciding, Perturb, decides, read_deciding

RankedBy = Literal["edges", "candidates"]
REMAINING = ("candidates", "edges", "pairs", "skips")  # what `top` counts


@dataclass(frozen=True)
class Pruning:
    """How many candidates, edges and skips remain after pruning.

    candidates: of an edge. edges: of a node; None: as many as the space keeps. ranked_by: the weights that
    rank edges. skips: at most so many in a cell that keeps the size; None: no limit.
    pairs: `edges` counts pairs of an edge and a candidate, so that an edge may keep several candidates.
    above: the weight above which a candidate remains, 0 .. 1; None: any. deciding: how it is decided what
    remains; None: by weights.
    """

    candidates: int = 1
    edges: int | None = None
    ranked_by: RankedBy = "edges"
    skips: int | None = None
    pairs: bool = False
    above: float | None = None
    deciding: Deciding | None = None


def read_pruning(values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> Pruning:
    """Read `top(1, candidates), top(2, edges, by: candidates), top(2, skips), rerank`.

    Raises DslnasError.
    """
    found = Pruning()
    counted: dict[str, Span] = {}  # what is counted, and where
    for value, expr in zip(values, exprs, strict=True):
        match value:
            case Applied(name="top", positional=(int() as count, "candidates")) if count > 0:
                counted["candidates"] = expr.span
                found = replace(found, candidates=count, above=_above(value))
            case Applied(name="top", positional=(int() as count, "edges")) if count > 0:
                counted["edges"] = expr.span
                found = replace(found, edges=count, ranked_by=_ranked_by(value))
            case Applied(name="top", positional=(int() as count, "pairs")) if count > 0:
                _check_arguments(value)
                counted["pairs"] = expr.span
                found = replace(found, edges=count, pairs=True)
            case Applied(name="top", positional=(int() as count, "skips"), keyword=more) if (
                count >= 0 and not more
            ):
                counted["skips"] = expr.span
                found = replace(found, skips=count)
            case _ if decides(value):
                if found.deciding is not None:
                    raise fail("N0601", "it is decided in one way", expr.span, help="leave one of them out")
                counted["deciding"] = expr.span
                found = replace(found, deciding=read_deciding(value, expr.span))
            case _:
                message = "`prune` takes what remains of candidates, edges, pairs and skips"
                help = "`prune: top(1, candidates), top(2, edges), top(2, skips)`"
                raise fail("N0301", message, expr.span, help=help)
    if found.candidates != 1:
        help = "`top(1, candidates)`; `top(2, pairs)` may keep several of an edge"
        raise fail("N0601", "an edge keeps one candidate", counted["candidates"], help=help)
    for other in ("candidates", "edges"):
        if "pairs" in counted and other in counted:
            message = f"`pairs` counts edges with their candidates, and leaves no {other} to count"
            help = f"`prune: top({found.edges}, pairs)`"
            raise fail("N0601", message, counted[other], help=help)
    _check_deciding(found, counted)
    return found


def _check_deciding(found: Pruning, counted: Mapping[str, Span]) -> None:
    """Raise DslnasError N0601 where it is said of weights what is not decided by weights."""
    name = type(found.deciding).__name__.lower()
    if found.deciding is not None and found.above is not None:
        message = f"`above` is a bound on weights, and `{name}` does not decide by them"
        raise fail("N0601", message, counted["candidates"], help="`top(1, candidates)`")
    if not isinstance(found.deciding, Perturb):
        return
    of_weights = {"pairs": found.pairs, "skips": found.skips is not None}
    of_weights["edges"] = found.ranked_by == "candidates"
    for what, wanted in of_weights.items():
        if wanted:
            message = (
                f"`{name}` keeps one candidate of an edge and ranks edges itself: no weights rank {what}"
            )
            raise fail("N0601", message, counted[what], help="`prune: top(2, edges), perturb`")


def _ranked_by(top: Applied) -> RankedBy:
    _check_arguments(top, "by")
    ranked_by: RankedBy = top.keyword.get("by", "edges")
    if ranked_by not in ("edges", "candidates"):
        help = "`by: candidates` ranks an edge by its strongest candidate"
        raise fail("N0301", "edges are ranked by `edges` or by `candidates`", top.spans["by"], help=help)
    return ranked_by


def _above(top: Applied) -> float | None:
    """The threshold of `top(1, candidates, above: 85%)` as a share, 0 .. 1."""
    _check_arguments(top, "above")
    if "above" not in top.keyword:
        return None
    return float(coerce(top.keyword["above"], "fraction", "`above`", top.spans["above"]))


def _check_arguments(top: Applied, known: str = "") -> None:
    for name in top.keyword:
        if name != known:
            message = f"`top` has no argument `{name}` here"
            help = f"known: {known}" if known else f"`top({top.positional[0]}, {top.positional[1]})`"
            raise fail("N0204", message, top.spans[name], help=help)
