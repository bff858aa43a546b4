"""Figures: what counts as a number, and how people read one."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TypeGuard


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
