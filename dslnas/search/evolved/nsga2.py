"""NSGA-II: sorting, crowding, tournament and selection of candidates (Deb et al., 2002).

K. Deb, A. Pratap, S. Agarwal, T. Meyarivan: A fast and elitist multiobjective genetic algorithm: NSGA-II.
IEEE Transactions on Evolutionary Computation 6 (2), 2002. Requirements follow its section VI: a candidate
that keeps to all comes before each that does not, and of those the one that breaks them least comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from .goals import Points

Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Standing:
    """The place of a candidate among others: its rank (0 is best), and how far its neighbours are."""

    rank: int
    crowding: float

    @property
    def order(self) -> tuple[int, float]:
        """The crowded comparison of the paper as a key: the smaller is the better."""
        return self.rank, -self.crowding


def ranks(points: Points, excess: Sequence[float]) -> Ranks:
    """The rank of each candidate, from 0: the non-dominated ones, those once these are left out, and so on.

    points: (candidates, objectives), the less the better. excess: by how much each breaks the requirements.
    Candidates that break them come after all others, in the order of their excess.
    """
    import moocore

    broken = np.array(excess, dtype=np.float64)
    found = np.zeros(len(points), dtype=np.int64)
    fits = broken == 0.0
    if fits.any():
        found[fits] = moocore.pareto_rank(points[fits])
    if not fits.all():
        _, order = np.unique(broken[~fits], return_inverse=True)
        found[~fits] = order + (found[fits].max() + 1 if fits.any() else 0)
    return found


def crowding(points: Points) -> npt.NDArray[np.float64]:
    """The crowding distance of each of some candidates of one rank (section III-B of the paper).

    For each objective, the distance of the two neighbours as a share of the range, summed; infinite at both
    ends. An objective that is the same for all counts nothing.
    """
    count, objectives = points.shape
    if count <= 2:
        return np.full(count, np.inf)
    found = np.zeros(count)
    for column in range(objectives):
        order = np.argsort(points[:, column], kind="stable")
        values = points[order, column]
        if values[-1] > values[0]:
            found[order[1:-1]] += (values[2:] - values[:-2]) / (values[-1] - values[0])
            found[order[[0, -1]]] = np.inf
    return found


def standings(points: Points, excess: Sequence[float]) -> list[Standing]:
    """The rank and the crowding of each candidate among its rank."""
    rank = ranks(points, excess)
    distance = np.zeros(len(points))
    for one in np.unique(rank):
        same = rank == one
        distance[same] = crowding(points[same])
    return [Standing(int(r), float(d)) for r, d in zip(rank, distance, strict=True)]


def select(standing: Sequence[Standing], count: int) -> list[int]:
    """The places of the `count` best candidates, the best first; of equals, those that come first."""
    return sorted(range(len(standing)), key=lambda place: standing[place].order)[:count]


def tournament(standing: Sequence[Standing], chance: Random) -> int:
    """The place of the better of two that are drawn at random, by rank, then crowding; of equals, either.

    Both are the same where there is one alone.
    """
    one, *others = chance.sample(range(len(standing)), min(2, len(standing)))
    return next((other for other in others if standing[other].order < standing[one].order), one)
