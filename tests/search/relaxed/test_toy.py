"""The bilevel problem of two variables: the published counts, and what they are measured with."""

from __future__ import annotations

import math
from functools import cache

import pytest
import torch

from dslnas.search.relaxed.toy import START, Trajectory, descend, training_loss, validation_loss

PUBLISHED = [
    (0.0, 659, 2.00, 2.00),
    (0.3, 411, 1.25, 1.25),
    (0.5, 296, 1.00, 1.01),
    (0.7, 335, 0.83, 0.83),
]


@cache
def found(xi: float) -> Trajectory:
    return descend(xi)


@pytest.mark.parametrize(("xi", "iterations", "alpha", "w"), PUBLISHED)
def test_the_published_counts_and_ends(xi: float, iterations: int, alpha: float, w: float) -> None:
    one = found(xi)
    assert (one.iterations, round(one.alpha, 2), round(one.w, 2)) == (iterations, alpha, w)
    assert one.path[0] == START and len(one.path) == iterations + 1


def test_half_a_step_ahead_alone_finds_the_solution() -> None:
    distances = {xi: math.dist((found(xi).alpha, found(xi).w), (1, 1)) for xi, *_ in PUBLISHED}
    assert distances.pop(0.5) < 0.01 < 0.2 < min(distances.values())


def test_the_losses_are_those_of_the_paper() -> None:
    alpha, w = torch.tensor([2.0, 0.5]), torch.tensor([-2.0, 3.0])
    assert training_loss(alpha, w).tolist() == [16.0, 6.25]
    assert validation_loss(alpha, w).tolist() == [-7.0, 1.5]


def test_the_first_step_by_hand() -> None:
    """dL_val/dalpha = w' - 2, and through w' 2 xi times dL_val/dw' = alpha; then 2 (w - alpha)."""
    ahead = -2 - 0.3 * 2 * (-2 - 2)
    alpha = 2 - 0.01 * (ahead - 2 + 2 * 0.3 * 2)
    assert found(0.3).path[1] == pytest.approx((alpha, -2 - 0.01 * 2 * (-2 - alpha)), abs=1e-9)
