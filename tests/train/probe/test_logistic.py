"""The linear classifier of a probe: what it separates, what it cannot, and how its penalty is chosen."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dslnas.base.figures import wilson
from dslnas.train.probe.logistic import STRENGTHS, choose, fit


def blobs(distance: float, count: int = 120, classes: int = 3, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Points (N, 5) about corners that lie so far apart, and their classes (N,)."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    points = torch.randn(count, 5, generator=generator, dtype=torch.float64)
    points[torch.arange(count), labels] += distance
    return points, labels


def test_what_is_separable_is_recognised() -> None:
    x, labels = blobs(12.0)
    held, theirs = blobs(12.0, seed=1)
    assert fit(x, labels, 3, 1e-2).accuracy(held, theirs) == 1.0


def test_shuffled_labels_are_recognised_by_chance() -> None:
    x, labels = blobs(1.0)
    held, theirs = blobs(1.0, seed=1)
    assert fit(x, labels, 3, 1e-2).accuracy(held, theirs) > 0.5
    found = []
    for seed in range(5):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
        found.append(fit(x, labels[order], 3, 1e-2).accuracy(held, theirs))
    low, high = wilson(1 / 3, len(theirs))
    assert low <= sum(found) / len(found) <= high


def test_the_same_rows_give_the_same_weights_and_probabilities_sum_to_one() -> None:
    x, labels = blobs(1.0)
    one, other = fit(x, labels, 3, 1e-3), fit(x, labels, 3, 1e-3)
    assert torch.equal(one.weights, other.weights)
    assert torch.allclose(one.probabilities(x).sum(1), torch.ones(len(x), dtype=torch.float64))


def test_the_fit_is_the_minimum_of_its_loss() -> None:
    x, labels = blobs(1.0)
    found = fit(x, labels, 3, 0.1)
    weights = found.weights.clone().requires_grad_()
    scaled = (x - found.mean) / found.deviation
    logits = scaled @ weights[:-1] + weights[-1]
    loss = torch.nn.functional.cross_entropy(logits, labels) + 0.05 * weights[:-1].square().sum()
    (slope,) = torch.autograd.grad(loss, weights)
    assert float(slope.abs().max()) < 1e-4


def test_a_column_that_says_nothing_and_a_class_that_is_missing_do_no_harm() -> None:
    x, labels = blobs(12.0)
    x[:, 4] = 3.0
    found = fit(x, labels, 4, 1e-2)
    assert found.probabilities(x).isfinite().all()
    assert found.accuracy(x, labels) == 1.0


def test_of_strengths_that_are_equally_good_the_strongest_is_chosen() -> None:
    x, labels = blobs(12.0)
    rows = torch.arange(len(x))
    assert choose(x, labels, 3, [(rows[:60], rows[60:])]) == STRENGTHS[0]


def test_where_noise_is_plenty_a_penalty_is_chosen() -> None:
    x, labels = blobs(1.5, count=60)
    noise = torch.randn(60, 80, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    wide, rows = torch.cat([x, noise], dim=1), torch.arange(60)
    divisions = [(rows[rows % 3 != part], rows[rows % 3 == part]) for part in range(3)]
    strength = choose(wide, labels, 3, divisions)

    def held(value: float) -> float:
        return sum(fit(wide[a], labels[a], 3, value).accuracy(wide[b], labels[b]) for a, b in divisions)

    assert held(strength) == pytest.approx(max(map(held, STRENGTHS)))
