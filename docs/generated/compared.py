"""Networks made by hand beside random and searched ones, by size, from `docs/results/handmade.json`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any

from . import reproduced
from .scatter import Dot, scatter
from .tables import table

NAME = "handmade"
BOUNDS = (10_000, 50_000, 100_000)  # parameters
NOT_YET = "Nothing is measured yet."
BY_HAND, AT_RANDOM = "made by hand", "random"
DRAWS = 2_000  # of a bootstrap
Folds = Mapping[str, tuple[float, ...]]  # accuracies, 0 to 1, by what is held out


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    @property
    def decided(self) -> bool:
        """Whether it leaves out 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Measured:
    """What a way to come to a network reaches on a data set.

    kind: `made by hand`, or the method; by_fold: its accuracies.
    """

    data: str
    kind: str
    name: str
    parameters: tuple[int, ...]
    by_fold: Folds

    @property
    def bound(self) -> int | None:
        """The size that all of its networks stay within; None where one is larger than all bounds."""
        return next((bound for bound in BOUNDS if max(self.parameters) <= bound), None)

    @cached_property
    def accuracy(self) -> Interval:
        """The mean over folds of the means of their accuracies."""
        return interval(self.by_fold)

    @property
    def label(self) -> str:
        return self.name if self.kind == BY_HAND else f"{self.name} ({self.kind})"


def compared() -> str:
    """A section for each data set: what won at each size, and every network and method with its accuracy."""
    found = all_measured()
    data = dict.fromkeys(one.data for one in found)
    return "\n\n".join(_section(name, [one for one in found if one.data == name]) for name in data) or NOT_YET


def pictures() -> dict[str, str]:
    """The accuracy against the parameters on each data set, by the path of the picture."""
    found = all_measured()
    return {_picture(name): _drawn(found, name) for name in dict.fromkeys(one.data for one in found)}


def all_measured() -> list[Measured]:
    """What the published sweep holds, of networks within the largest bound."""
    if not (reproduced.RESULTS / f"{NAME}.json").is_file():
        return []
    return [one for one in collected(reproduced.measured(NAME)["rows"]) if one.bound is not None]


def collected(rows: Iterable[Mapping[str, Any]]) -> list[Measured]:
    """The rows of a table of sweeps, put together by data, space and method; none without an accuracy."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row.get("accuracies") is not None and row.get("parameters_live") is not None:
            data = str(row["data"]).partition(", ")[0]
            groups.setdefault((data, row["space"], row.get("method") or ""), []).append(row)
    return [_measured(data, space, method, own) for (data, space, method), own in groups.items()]


def _measured(data: str, space: str, method: str, rows: Sequence[Mapping[str, Any]]) -> Measured:
    by_fold: dict[str, list[float]] = {}
    for row in rows:
        fold = str(row["data"]).partition(", ")[2]
        by_fold.setdefault(fold, []).extend(map(float, str(row["accuracies"]).split()))
    return Measured(
        data,
        method or BY_HAND,
        space,
        tuple(int(row["parameters_live"]) for row in rows),
        {fold: tuple(found) for fold, found in by_fold.items()},
    )


def interval(first: Folds, less: Folds | None = None) -> Interval:
    """The mean over folds, or the mean of the differences of two ways, with the interval of a bootstrap.

    Folds are drawn with replacement where there are several, the same for both ways (they are paired), and
    then the trainings of each within them (Efron, 1979; percentiles). Both have the same folds.
    """
    folds, chance = list(first), random.Random(0)

    def drawn(found: tuple[float, ...]) -> float:
        return fmean(chance.choices(found, k=len(found)))

    def mean(take: Any, chosen: Sequence[str]) -> float:
        return fmean(take(first[fold]) - (take(less[fold]) if less else 0.0) for fold in chosen)

    means = sorted(mean(drawn, chance.choices(folds, k=len(folds))) for _ in range(DRAWS))
    return Interval(mean(fmean, folds), means[round(0.025 * DRAWS)], means[round(0.975 * DRAWS) - 1])


def _section(data: str, found: Sequence[Measured]) -> str:
    sizes = [bound for bound in BOUNDS if any(one.bound == bound for one in found)]
    sentences = [text for bound in sizes for text in _decided(bound, found)]
    folds = list(dict.fromkeys(fold for one in found for fold in one.by_fold))
    rows = [
        (
            f"{one.bound:,}",
            one.name,
            one.kind,
            _sizes(one.parameters),
            *([_fold(one.by_fold.get(fold, ())) for fold in folds] if len(folds) > 1 else ()),
            _percent(one.accuracy),
            str(sum(map(len, one.by_fold.values()))),
        )
        for bound in sizes
        for one in sorted((one for one in found if one.bound == bound), key=lambda one: -one.accuracy.mean)
    ]
    heads = (
        "up to",
        "network or space",
        "by",
        "parameters",
        *(folds if len(folds) > 1 else ()),
        "mean (%)",
        "n",
    )
    picture = f"![Accuracy against parameters on {data}]({_picture(data)})"
    return "\n\n".join((f"### {data}", *sentences, picture, table(heads, rows)))


def _decided(bound: int, found: Sequence[Measured]) -> Iterator[str]:
    """What a search of each space is worth at a size, the best first: beside the best by hand, and chance.

    Chance draws from the same space; by hand is made what has at most that size.
    """
    searched = [one for one in found if one.bound == bound and one.kind not in (BY_HAND, AT_RANDOM)]
    by_hand = [one for one in found if one.kind == BY_HAND and one.bound is not None and one.bound <= bound]
    best: dict[str, Measured] = {}
    for one in sorted(searched, key=lambda one: -one.accuracy.mean):
        best.setdefault(one.name, one)
    for name, own in best.items():
        rivals = [
            *([max(by_hand, key=lambda one: one.accuracy.mean)] if by_hand else ()),
            *(one for one in found if (one.bound, one.kind, one.name) == (bound, AT_RANDOM, name)),
        ]
        parts = "; ".join(_against(own, rival) for rival in rivals)
        yield f"**Up to {bound:,} parameters**, {own.label} reaches {_percent(own.accuracy)} %: {parts}."


def _against(best: Measured, rival: Measured) -> str:
    common = [fold for fold in best.by_fold if fold in rival.by_fold]
    name = "genotypes drawn at random" if rival.kind == AT_RANDOM else f"{rival.name}, the best made by hand"
    if not common:
        return f"{name} was not tested alike"
    ahead = interval({f: best.by_fold[f] for f in common}, {f: rival.by_fold[f] for f in common})
    points = f"{100 * ahead.mean:+.1f} points ({100 * ahead.low:+.1f} to {100 * ahead.high:+.1f})"
    meaning = ("better" if ahead.mean > 0 else "worse") if ahead.decided else "which does not tell them apart"
    return f"{points} to {name}, {meaning}"


def _picture(data: str) -> str:
    return f"pictures/by_hand-{data}.svg"


def _drawn(found: Sequence[Measured], data: str) -> str:
    dots = [
        Dot(one.kind, one.name, fmean(one.parameters), *(100 * end for end in _ends(one.accuracy)))
        for one in found
        if one.data == data
    ]
    return scatter(dots, "parameters", "accuracy (%)")


def _ends(found: Interval) -> tuple[float, float, float]:
    return found.mean, found.low, found.high


def _sizes(parameters: Sequence[int]) -> str:
    low, high = min(parameters), max(parameters)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _percent(found: Interval) -> str:
    return f"{100 * found.mean:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def _fold(found: Sequence[float]) -> str:
    return f"{100 * fmean(found):.1f}" if found else reproduced.NOTHING
