"""Figures: what counts as a number, and how people read one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt
from typing import Any, TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value of any kind is a number; `true` and `false` are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def percent(share: float) -> str:
    """A share as `97.25 %`."""
    return f"{100 * share:.2f} %"


def percents(shares: Sequence[float]) -> str:
    """Shares as `97.3, 88.1 %`; empty where there are none."""
    return f"{', '.join(f'{100 * one:.1f}' for one in shares)} %" if shares else ""


def millions(count: float) -> str:
    """A count as `1.609 M`, or in full below a hundred thousand."""
    return f"{count / 1e6:.3f} M" if count >= 1e5 else f"{count:,.0f}"


# Of the standard normal distribution: 95 % of it lie within so many deviations of its mean.
DEVIATIONS_95 = 1.959963984540054


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval (low, high) of a share of `count` independent cases, each from 0 to 1.

    The score interval of Wilson (1927), which stays within 0 and 1 and holds for few cases and for shares of
    0 and 1 as well. Without a case it is everything.
    """
    if count <= 0:
        return 0.0, 1.0
    square = DEVIATIONS_95**2 / count
    middle = share + square / 2
    spread = DEVIATIONS_95 * sqrt(max(0.0, share * (1 - share)) / count + square / (4 * count))
    low, high = ((middle + sign * spread) / (1 + square) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def between(share: float, count: float) -> str:
    """The 95 % interval of a share as text: `79.8 to 99.3 %`."""
    return from_to(wilson(share, count))


def from_to(interval: Sequence[float]) -> str:
    """An interval (low, high) of shares as text: `79.8 to 99.3 %`."""
    low, high = interval
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def independent(tested: Mapping[str, Any]) -> int:
    """How many independent cases the figures of a test are of, as `metrics.json` has them; 0 if unknown.

    Windows and channels of one recording are not independent of each other, and count once.
    """
    recordings, channels = tested.get("recordings"), tested.get("macro_f1_channels")
    if isinstance(recordings, dict):
        count = recordings.get("count")
    else:
        count = tested.get("clips")
        if isinstance(channels, list) and channels and is_number(count):
            count /= len(channels)
    return int(count) if is_number(count) else 0


@dataclass(frozen=True)
class Pairs:
    """Cases that two judged: how many both told rightly, one of them alone, and neither."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @staticmethod
    def of(first: Iterable[bool], second: Iterable[bool]) -> Pairs:
        """The cases of which two told these rightly, in the same order."""
        counts = Counter(zip(first, second, strict=True))
        return Pairs(counts[True, True], counts[True, False], counts[False, True], counts[False, False])

    @property
    def count(self) -> int:
        """All cases."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def difference(self) -> float:
        """The share that the second told rightly, less that of the first: -1 to 1."""
        return (self.only_second - self.only_first) / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval (low, high) of the difference, by method 10 of Newcombe (1998).

        Improved confidence intervals for the difference between binomial proportions based on paired data,
        Statistics in Medicine 17. It is made of the intervals of both shares and their correlation.
        """
        first, second = self.both + self.only_first, self.both + self.only_second
        margins = first * (self.count - first) * second * (self.count - second)
        product = float(self.both * self.neither - self.only_first * self.only_second)
        if product > 0:
            product = max(0.0, product - self.count / 2)  # for continuity, as there
        correlation = product / sqrt(margins) if margins else 0.0
        shares = first / self.count, second / self.count
        (low1, high1), (low2, high2) = (wilson(share, self.count) for share in shares)
        below = _joined(shares[1] - low2, high1 - shares[0], correlation)
        above = _joined(high2 - shares[1], shares[0] - low1, correlation)
        return self.difference - below, self.difference + above

    @property
    def chance(self) -> float:
        """How often two that are equally good differ at least so much: the exact test of McNemar (1947)."""
        differ, least = self.only_first + self.only_second, min(self.only_first, self.only_second)
        tail = sum(comb(differ, cases) for cases in range(least + 1))
        return min(1.0, 2 * tail / (1 << differ))


def _joined(one: float, other: float, correlation: float) -> float:
    """How far a difference goes to one side, from how far both shares go and how they go together."""
    return sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))
