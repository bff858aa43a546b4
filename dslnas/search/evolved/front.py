"""What an evolution comes to: its front, the knee of it, and hypervolumes over the evaluations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ...ir.analysis.genes import Genes
from .goals import Goals, Points
from .nsga2 import ranks
from .population import Individual

MARGIN = 0.1  # by which the reference point is worse than the worst, as a share of the range


@dataclass(frozen=True)
class Evolved:
    """The result of an evolution.

    found: all candidates that it has evaluated, in order; of one that went on from others, these first.
    size: of the population. shares: the share of each generation that was drawn at random. exhausted: whether
    it ended early, for want of networks to draw. random: what random search has evaluated beside it; None
    where there was none.
    """

    goals: Goals
    found: tuple[Individual, ...]
    size: int
    shares: tuple[tuple[int, float], ...] = ()
    exhausted: bool = False
    random: tuple[Individual, ...] | None = None

    def beside(self, random: Sequence[Individual]) -> Evolved:
        """The result with what random search has evaluated."""
        return replace(self, random=tuple(random))

    @cached_property
    def front(self) -> tuple[Individual, ...]:
        """The feasible candidates that no other dominates, the cheapest first; empty if none is feasible."""
        return front_of(self.goals, self.found)

    @cached_property
    def random_front(self) -> tuple[Individual, ...]:
        """The front of random search."""
        return front_of(self.goals, self.random or ())

    @cached_property
    def nearest(self) -> tuple[Individual, ...]:
        """The candidates that break the requirements least, of which no other one of these dominates one.

        They are what there is where the front is empty.
        """
        excess = [self.goals.excess(one.figures) for one in self.found]
        least = [one for one, by in zip(self.found, excess, strict=True) if by == min(excess)]
        return front_of(replace(self.goals, require=()), least)

    @property
    def knee(self) -> Individual | None:
        """The member of the front that gives up least of everything at once; None where the front is empty.

        With each objective as a share of its range on the front, from 0, the best, to 1, it is the one of the
        least sum. For two objectives it is that which lies farthest from the line between the two ends of the
        front, on the side of the better ones (Das, 1999); for more, farthest from the plane through the
        points at which one objective is worst and all others are best. Of equals, the cheapest.
        """
        if not self.front:
            return None
        points = self.goals.points([one.figures for one in self.front])
        best, worst = points.min(axis=0), points.max(axis=0)
        shares = (points - best) / np.where(worst > best, worst - best, 1.0)
        return self.front[int(np.argmin(shares.sum(axis=1)))]

    @cached_property
    def reference(self) -> dict[str, float]:
        """The point from which hypervolumes are taken, by figure; empty where no candidate is feasible.

        For each objective the worst figure of all feasible candidates, of both searches, and a tenth of their
        range beyond it. So it depends on what was evaluated and not on its order.
        """
        if not (box := self._box):
            return {}
        _, worst = box
        signed = zip(self.goals.names, worst, strict=True)
        return {name: float(-value if name in self.goals.maximize else value) for name, value in signed}

    @cached_property
    def hypervolume(self) -> tuple[tuple[int, float, float | None], ...]:
        """The hypervolume after each `size` evaluations: how many, that of the evolution, of random search.

        It is a share of the box from the best figure of each objective, of both searches, to the reference
        point: 1 were there one network that is best in everything. Only feasible candidates count.
        """
        own = self._volumes(self.found)
        other = self._volumes(self.random) if self.random else {}
        last = other[max(other)] if other else None
        return tuple((count, volume, other.get(count, last)) for count, volume in own.items())

    def options(self, genes: Genes) -> dict[str, dict[str, int]]:
        """How often each option stands on the front, by choice point, and each source that a node keeps.

        Only what a network reads is counted; choice points that no network of the front reads are left out.
        """
        counts: dict[str, Counter[str]] = {id: Counter() for id in genes.all}
        for one in self.front:
            for id in genes.alive(one.candidate):
                decision = one.candidate[id]
                counts[id].update((decision,) if isinstance(decision, str) else decision)
        return {
            id: {option: counts[id][option] for option in gene.options}
            for id, gene in genes.all.items()
            if counts[id]
        }

    # --- hypervolumes ---------------------------------------------------------------------------------------

    @cached_property
    def _box(self) -> tuple[Points, Points] | None:
        """The best of each objective over all feasible candidates, and the reference point."""
        everything = [one.figures for one in (*self.found, *(self.random or ()))]
        points = self.goals.points([one for one in everything if self.goals.feasible(one)])
        if not len(points):
            return None
        best, worst = points.min(axis=0), points.max(axis=0)
        return best, worst + MARGIN * (worst - best)

    def _volumes(self, individuals: Sequence[Individual]) -> dict[int, float]:
        """The hypervolume after each `size` candidates, and after all."""
        import moocore

        found: dict[int, float] = {}
        width = len(self.goals.names)
        points: Points = np.zeros((0, width))
        for start in range(0, len(individuals), self.size):
            batch = [one.figures for one in individuals[start : start + self.size]]
            fit = [one for one in batch if self.goals.feasible(one)]
            if self._box and fit:
                best, worst = self._box
                span = np.where(worst > best, worst - best, 1.0)
                points = np.concatenate([points, (self.goals.points(fit) - best) / span])
                points = points[moocore.is_nondominated(points)]
            volume = float(moocore.hypervolume(points, ref=np.ones(width))) if len(points) else 0.0
            found[start + len(batch)] = volume
        return found


def front_of(goals: Goals, individuals: Sequence[Individual]) -> tuple[Individual, ...]:
    """The feasible ones that no other one dominates, by their prices, the cheapest first."""
    feasible = [one for one in individuals if goals.feasible(one.figures)]
    if not feasible:
        return ()
    points = goals.points([one.figures for one in feasible])
    best = ranks(points, [0.0] * len(feasible)) == 0
    placed = sorted(
        (tuple(point), one.key, place)
        for place, (point, one) in enumerate(zip(points, feasible, strict=True))
        if best[place]
    )
    return tuple(feasible[place] for _, _, place in placed)
