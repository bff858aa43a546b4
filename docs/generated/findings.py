"""What the measured rows say of the paper's findings, counted over pairs of searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from statistics import fmean, stdev
from typing import Any

from . import reproduced
from .tables import table

Row = Mapping[str, Any]
PLACE = ("data", "domain", "space", "method")


@dataclass(frozen=True)
class Finding:
    """That a figure grows along a chain of values of one column, all else alike.

    column: `method`, `space` or `domain`; equal: whether figures that are the same agree with it, too; said:
    whether the paper says so, or leaves it open.
    """

    claim: str
    figure: str
    column: str
    chains: tuple[tuple[str, ...], ...]
    equal: bool = True
    said: bool = False


@dataclass(frozen=True)
class Compared:
    """A chain in one place of a measurement. figures: those of the searches, value by value of the chain."""

    title: str
    place: tuple[str, ...]
    chain: tuple[str, ...]
    figures: tuple[tuple[float, ...], ...]
    kept: int
    pairs: int


POLYNOMIAL = ("SSPolAsym4", "SSPolAsym5", "SSPolAttention")
SEARCHES = ("darts", "fairdarts", "forcedarts")
GAP = Finding(
    "gap ForceDARTS < DARTS < FairDARTS",
    "gap",
    "method",
    (("forcedarts", "darts", "fairdarts"),),
    equal=False,
    said=True,
)
ACCURACY = Finding(
    "accuracy of ForceDARTS not below DARTS",
    "accuracy_mean",
    "method",
    (("darts", "forcedarts"),),
    said=True,
)
RANDOM = Finding(
    "accuracy of a search not below that of random genotypes",
    "accuracy_mean",
    "method",
    tuple(("random", method) for method in SEARCHES),
)
DOMAINS = Finding("accuracy complex not below real", "accuracy_mean", "domain", (("real", "complex"),))
SPACES = Finding(
    "accuracy of polynomial spaces not below SS1",
    "accuracy_mean",
    "space",
    tuple(("SS1", space) for space in POLYNOMIAL),
)
FINDINGS = (GAP, ACCURACY, RANDOM, DOMAINS, SPACES)


def findings() -> str:
    """A section for each finding: whether it is reproduced, and the figures wherever it was measured."""
    return "\n\n".join(map(_section, FINDINGS))


def _section(finding: Finding) -> str:
    found = [
        one for name in reproduced.result_names() for one in _measured(finding, reproduced.measured(name))
    ]
    theirs = list(compared(finding, of_paper(), "the paper"))
    parts = [f"### {finding.claim[0].upper()}{finding.claim[1:]}"]
    parts.append(
        f"{verdict(finding, found)} The paper's own tables: {counted(theirs) if theirs else 'not told'}."
    )
    if found:
        longest = max(len(one.chain) for one in found)
        heads = ("measurement", "where", "least", *[""] * (longest - 2), "most", "pairs")
        rows = [
            (
                one.title,
                ", ".join(one.place),
                *(
                    f"{value}: {_told(values, finding)}"
                    for value, values in zip(one.chain, one.figures, strict=True)
                ),
                f"{one.kept} of {one.pairs}",
            )
            for one in found
        ]
        parts.append(table(heads, rows))
    return "\n\n".join(parts)


def _measured(finding: Finding, result: Mapping[str, Any]) -> Iterator[Compared]:
    return compared(finding, result["rows"], str(result["title"]))


def verdict(finding: Finding, found: Sequence[Compared]) -> str:
    """In how many pairs of searches a finding holds, and what that makes of what the paper says."""
    kept, pairs = sum(one.kept for one in found), sum(one.pairs for one in found)
    if not pairs:
        return "**Not measured yet.**"
    if not finding.said:
        return f"Holds in {counted(found)}."
    word = "Reproduced" if kept == pairs else "Refuted" if kept == 0 else "Not in every pair"
    return f"**{word}**: holds in {counted(found)}."


def counted(found: Iterable[Compared]) -> str:
    """`7 of 8 pairs of searches`."""
    known = list(found)
    return f"{sum(one.kept for one in known)} of {sum(one.pairs for one in known)} pairs of searches"


def compared(finding: Finding, rows: Iterable[Row], title: str) -> Iterator[Compared]:
    """The places of a measurement where every value of a chain has its figure.

    A pair is a search of one value and a search of the next; all pairs of a place are counted.
    """
    others = [key for key in PLACE if key != finding.column]
    places: dict[tuple[str, ...], dict[str, list[float]]] = {}
    for row in rows:
        if (figure := row.get(finding.figure)) is not None:
            place = tuple(str(row.get(key) or "") for key in others)
            places.setdefault(place, {}).setdefault(str(row.get(finding.column) or ""), []).append(figure)
    for place, by_value in places.items():
        for chain in finding.chains:
            if all(value in by_value for value in chain):
                figures = tuple(tuple(by_value[value]) for value in chain)
                pairs = [pair for less, more in pairwise(figures) for pair in product(less, more)]
                kept = sum(less <= more if finding.equal else less < more for less, more in pairs)
                yield Compared(title, tuple(filter(None, place)), chain, figures, kept, len(pairs))


def of_paper() -> list[Row]:
    """Tables 3 and 4 of the paper in the units of the measurements."""
    rows = [*reproduced.paper()["table_3"], *reproduced.paper()["table_4"]]
    return [{**row, "accuracy_mean": row["accuracy"] / 100} for row in rows]


def _told(values: Sequence[float], finding: Finding) -> str:
    """The mean of some searches with its standard deviation: a gap, or an accuracy in percent."""
    factor, digits = (1.0, 3) if finding.figure == "gap" else (100.0, 2)
    scaled = [factor * value for value in values]
    deviation = f" ± {stdev(scaled):.{digits}f}" if len(scaled) > 1 else ""
    return f"{fmean(scaled):.{digits}f}{deviation}"
