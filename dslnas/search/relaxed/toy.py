"""The bilevel toy problem of the DARTS paper (Liu et al., 2019, figure 2), in two variables.

Find the alpha that makes L_val least where w makes L_train least: (1, 1). A step is that of a search:
the architecture first, by the gradient of second order that a search takes, then the weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .second_order import unrolled_gradients

START = (2.0, -2.0)  # alpha, w
RATE = 0.01  # of both
THRESHOLD = 1e-4  # a descent ends where both move less
MOST = 10_000  # iterations
XIS = (0.0, 0.3, 0.5, 0.7)
SOLUTION = (1.0, 1.0)


def training_loss(alpha: Any, w: Any) -> Any:
    """L_train of numbers, arrays or tensors: 0 where w is alpha."""
    return w**2 - 2.0 * alpha * w + alpha**2


def validation_loss(alpha: Any, w: Any) -> Any:
    """L_val of numbers, arrays or tensors."""
    return alpha * w - 2.0 * alpha + 1.0


@dataclass(frozen=True)
class Trajectory:
    """The path of a descent: (alpha, w) at the start and after every iteration. xi: the step ahead of w."""

    xi: float
    path: Sequence[tuple[float, float]]

    @property
    def iterations(self) -> int:
        """The number of iterations."""
        return len(self.path) - 1

    @property
    def alpha(self) -> float:
        """alpha at the end."""
        return self.path[-1][0]

    @property
    def w(self) -> float:
        """w at the end."""
        return self.path[-1][1]


def descend(xi: float) -> Trajectory:
    """Descend from `START` until both variables stand still, or `MOST` iterations are done."""
    alpha, w = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START)
    path = [START]
    moved = THRESHOLD
    while moved >= THRESHOLD and len(path) <= MOST:
        _iterate(alpha, w, xi)
        path.append((alpha.item(), w.item()))
        moved = max(abs(now - before) for now, before in zip(path[-1], path[-2], strict=True))
    return Trajectory(xi, path)


def _iterate(alpha: Tensor, w: Tensor, xi: float) -> None:
    """One step of the architecture, then one of the weight."""
    (slope,), _ = unrolled_gradients(
        inner=lambda: training_loss(alpha, w),
        outer=lambda: (validation_loss(alpha, w), None),
        arch=[alpha],
        weights=[w],
        xi=xi,
        direction=lambda gradients: gradients,
    )
    with torch.no_grad():
        alpha -= RATE * slope
    (slope,) = torch.autograd.grad(training_loss(alpha, w), [w])
    with torch.no_grad():
        w -= RATE * slope
