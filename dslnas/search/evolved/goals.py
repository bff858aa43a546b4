"""Goals of an evolution: what it maximizes and minimizes, and what a network must keep to."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...methods.budget import Requirement
from ...methods.method import SampledMethod

Figures = Mapping[str, float]
Points = npt.NDArray[np.float64]  # (candidates, objectives), the less the better


@dataclass(frozen=True)
class Goals:
    """The objectives, and the requirements by which a candidate is feasible."""

    maximize: tuple[str, ...]
    minimize: tuple[str, ...]
    require: tuple[Requirement, ...] = ()

    @classmethod
    def of(cls, method: SampledMethod) -> Goals:
        """The goals of a method."""
        return cls(method.maximize, method.minimize, method.require)

    @property
    def names(self) -> tuple[str, ...]:
        """The figures that are objectives: first those to be minimized, in their order."""
        return (*self.minimize, *self.maximize)

    def points(self, figures: Sequence[Figures]) -> Points:
        """The objectives of candidates, what is maximized with its sign changed."""
        rows = [
            [*(one[name] for name in self.minimize), *(-one[name] for name in self.maximize)]
            for one in figures
        ]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.names))

    def excess(self, figures: Figures) -> float:
        """By how much a candidate breaks the requirements, as shares of the bounds; 0 if it is feasible.

        A figure that is its bound breaks it by as good as nothing.
        """
        if self.feasible(figures):
            return 0.0
        return max(sum(one.excess(figures[one.price]) for one in self.require), sys.float_info.min)

    def feasible(self, figures: Figures) -> bool:
        """Whether a candidate keeps to every requirement."""
        return all(one.met(figures[one.price]) for one in self.require)
