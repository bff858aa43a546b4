"""Kendall's rank correlation of two figures, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, isfinite, sqrt, tanh

from ...base.figures import DEVIATIONS_95

LEAST = 5  # pairs of figures: with fewer the interval of Fieller and others is not defined


@dataclass(frozen=True)
class Correlation:
    """Kendall's tau-b (1945), from -1 to 1, and its 95 % interval.

    tau: None where one of the figures is the same for all. interval: None where there are fewer than `LEAST`.
    """

    tau: float | None
    interval: tuple[float, float] | None


def correlation(first: Sequence[float], second: Sequence[float]) -> Correlation:
    """Kendall's tau-b of pairs of figures, (N,) and (N,).

    The interval is that of Fieller, Hartley and Pearson (1957): atanh(tau) is nearly normal, with a variance
    of 0.437 / (N - 4). Where all pairs agree or disagree, as in samples of a few, atanh has no value; then
    tau counts as half a pair less than whole, 2 / (N (N - 1)), and the interval goes on to tau.
    """
    from scipy.stats import kendalltau

    count = len(first)
    tau = float(kendalltau(first, second).statistic) if count > 1 else float("nan")
    if not isfinite(tau):
        return Correlation(None, None)
    if count < LEAST:
        return Correlation(tau, None)
    most = 1 - 2 / (count * (count - 1))
    middle = atanh(min(most, max(-most, tau)))
    spread = DEVIATIONS_95 * sqrt(0.437 / (count - 4))
    low, high = tanh(middle - spread), tanh(middle + spread)
    return Correlation(tau, (min(low, tau), max(high, tau)))
