"""Networks made by hand beside random and searched ones, by size, from `docs/results/handmade.json`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from . import reproduced
from .tables import table

NAME = "handmade"
BOUNDS = (10_000, 50_000, 100_000)  # parameters
NOT_YET = "Nothing is measured yet."


@dataclass(frozen=True)
class Measured:
    """What a way to come to a network reaches.

    kind: `made by hand`, or the method; by_fold: its accuracies, 0 to 1.
    """

    kind: str
    name: str
    parameters: tuple[int, ...]
    by_fold: Mapping[str, tuple[float, ...]]

    @property
    def bound(self) -> int | None:
        """The size that all of its networks stay within; None where one is larger than all bounds."""
        return next((bound for bound in BOUNDS if max(self.parameters) <= bound), None)

    @property
    def mean(self) -> float:
        """The mean over folds of the means of their accuracies."""
        return fmean(fmean(found) for found in self.by_fold.values())


def compared() -> str:
    """A section for each size: every network and method with its accuracy on each speaker, and what won."""
    if not (reproduced.RESULTS / f"{NAME}.json").is_file():
        return NOT_YET
    found = collected(reproduced.measured(NAME)["rows"])
    folds = list(dict.fromkeys(fold for one in found for fold in one.by_fold))
    return "\n\n".join(
        text for bound in BOUNDS if (text := _section(bound, [o for o in found if o.bound == bound], folds))
    )


def collected(rows: Iterable[Mapping[str, Any]]) -> list[Measured]:
    """The rows of a table of sweeps, put together by space and method; none without an accuracy."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row.get("accuracies") is not None and row.get("parameters_live") is not None:
            groups.setdefault((row["space"], row.get("method") or ""), []).append(row)
    return [_measured(space, method, own) for (space, method), own in groups.items()]


def _measured(space: str, method: str, rows: Sequence[Mapping[str, Any]]) -> Measured:
    by_fold: dict[str, list[float]] = {}
    for row in rows:
        by_fold.setdefault(str(row["data"]), []).extend(map(float, str(row["accuracies"]).split()))
    return Measured(
        method or "made by hand",
        space,
        tuple(int(row["parameters_live"]) for row in rows),
        {fold: tuple(found) for fold, found in by_fold.items()},
    )


def _section(bound: int, found: Sequence[Measured], folds: Sequence[str]) -> str:
    if not found:
        return ""
    ranked = sorted(found, key=lambda one: -one.mean)
    rows = [
        (
            one.name,
            one.kind,
            _sizes(one.parameters),
            *(_accuracy(one.by_fold.get(fold, ())) for fold in folds),
            f"{100 * one.mean:.1f}",
        )
        for one in ranked
    ]
    heads = ("network or space", "by", "parameters", *folds, "mean (%)")
    return f"### Up to {bound:,} parameters\n\n{_won(ranked)}\n\n{table(heads, rows)}"


def _won(ranked: Sequence[Measured]) -> str:
    """The best of each kind, over the folds that all of them have, in a sentence."""
    best: dict[str, Measured] = {}
    for one in ranked:
        best.setdefault(one.kind, one)
    first, *others = best.values()
    parts = [_difference(first, other) for other in others]
    by = first.kind if first.kind == "made by hand" else f"found by {first.kind}"
    return f"The best is {first.name}, {by}" + "".join(f"; {part}" for part in parts) + "."


def _difference(first: Measured, other: Measured) -> str:
    """How far ahead a network is of another: the mean over common folds, and in how many it is ahead."""
    common = [fold for fold in first.by_fold if fold in other.by_fold]
    kind = f"{other.name} ({other.kind})"
    if not common:
        return f"{kind} was not tested by the same speakers"
    ahead = [fmean(first.by_fold[fold]) - fmean(other.by_fold[fold]) for fold in common]
    wins = sum(one > 0 for one in ahead)
    return f"{100 * fmean(ahead):+.1f} points to {kind}, ahead with {wins} of {len(common)} speakers"


def _sizes(parameters: Sequence[int]) -> str:
    low, high = min(parameters), max(parameters)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _accuracy(found: Sequence[float]) -> str:
    if not found:
        return reproduced.NOTHING
    spread = f" ± {100 * stdev(found):.1f}" if len(found) > 1 else ""
    return f"{100 * fmean(found):.1f}{spread} ({len(found)})"
