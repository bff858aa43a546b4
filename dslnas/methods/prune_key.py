"""The key `prune` of a relaxed method: how many candidates, edges and skips remain, and their ranking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from ..base.diagnostics import fail
from ..parse import syntax
from ..resolve.values import Applied

RankedBy = Literal["edges", "candidates"]
REMAINING = ("candidates", "edges", "skips")  # what `top` counts


@dataclass(frozen=True)
class Pruning:
    """How many candidates, edges and skips remain after pruning.

    candidates: of an edge. edges: of a node; None: as many as the space keeps. ranked_by: the weights that
    rank edges. skips: at most so many in a cell that keeps the size; None: no limit.
    """

    candidates: int = 1
    edges: int | None = None
    ranked_by: RankedBy = "edges"
    skips: int | None = None


def read_pruning(values: tuple[Any, ...], exprs: tuple[syntax.Expr, ...]) -> Pruning:
    """Read `top(1, candidates), top(2, edges, by: candidates), top(2, skips)`; raises DslnasError."""
    found = Pruning()
    for value, expr in zip(values, exprs, strict=True):
        match value:
            case Applied(name="top", positional=(int() as count, "candidates"), keyword=more) if (
                count > 0 and not more
            ):
                found = replace(found, candidates=count)
            case Applied(name="top", positional=(int() as count, "edges")) if count > 0:
                found = replace(found, edges=count, ranked_by=_ranked_by(value))
            case Applied(name="top", positional=(int() as count, "skips"), keyword=more) if (
                count >= 0 and not more
            ):
                found = replace(found, skips=count)
            case _:
                message = "`prune` takes what remains of candidates, edges and skips"
                help = "`prune: top(1, candidates), top(2, edges), top(2, skips)`"
                raise fail("N0301", message, expr.span, help=help)
    if found.candidates != 1:
        raise fail("N0601", "an edge keeps one candidate", exprs[0].span, help="`top(1, candidates)`")
    return found


def _ranked_by(top: Applied) -> RankedBy:
    for name, value in top.keyword.items():
        if name != "by":
            raise fail("N0204", f"`top` has no argument `{name}`", top.spans[name], help="known: by")
        if value not in ("edges", "candidates"):
            help = "`by: candidates` ranks an edge by its strongest candidate"
            raise fail("N0301", "edges are ranked by `edges` or by `candidates`", top.spans[name], help=help)
    ranked_by: RankedBy = top.keyword.get("by", "edges")
    return ranked_by
