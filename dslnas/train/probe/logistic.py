"""Multinomial logistic regression with an L2 penalty, whose strength is chosen on clips held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax
from torch import Tensor

STRENGTHS = (10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)  # the strongest first
STEPS = 300  # of L-BFGS at most
STOP = {"maxiter": STEPS, "ftol": 1e-8, "gtol": 3e-5}

Division = tuple[Tensor, Tensor]  # indices of the rows that fit, and of those that judge


@dataclass(frozen=True)
class Classifier:
    """A linear classifier. mean, deviation: of its inputs, (D,); weights: (D + 1, classes), the last row of
    which is the bias.
    """

    mean: Tensor
    deviation: Tensor
    weights: Tensor

    def probabilities(self, x_ND: Tensor) -> Tensor:
        """The probabilities of the classes, (N, classes), float64."""
        scaled = (x_ND - self.mean) / self.deviation
        return torch.softmax(scaled @ self.weights[:-1] + self.weights[-1], dim=1)

    def accuracy(self, x_ND: Tensor, labels: Tensor) -> float:
        """The accuracy, 0 .. 1, for labels (N,)."""
        return float((self.probabilities(x_ND).argmax(1) == labels).double().mean())


def fit(
    x_ND: Tensor, labels: Tensor, classes: int, strength: float, near: Classifier | None = None
) -> Classifier:
    """The minimum of the mean cross entropy plus `strength / 2` times the squares of the weights.

    The inputs (N, D), float64, are scaled to mean 0 and deviation 1 first; the bias has no penalty. The
    problem is convex: the same rows give the same classifier, whatever the seed. near: the fit of the same
    rows with another strength, from which it is not far.
    """
    mean, deviation = x_ND.mean(0), x_ND.std(0, correction=0)
    deviation = torch.where(deviation > 1e-9, deviation, torch.ones_like(deviation))
    x = ((x_ND - mean) / deviation).numpy()
    one_hot = np.eye(classes)[labels.numpy()]
    shape = (x.shape[1] + 1, classes)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape)
        logs = log_softmax(x @ weights[:-1] + weights[-1], axis=1)
        slopes = (np.exp(logs) - one_hot) / len(x)
        gradient = np.vstack([x.T @ slopes + strength * weights[:-1], slopes.sum(0)])
        penalty = strength / 2 * float(np.square(weights[:-1]).sum())
        return penalty - float((logs * one_hot).sum()) / len(x), gradient.ravel()

    start = np.zeros(shape) if near is None else near.weights.numpy()
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=STOP)
    return Classifier(mean, deviation, torch.from_numpy(found.x.reshape(shape)))


def choose(x_ND: Tensor, labels: Tensor, classes: int, divisions: Sequence[Division]) -> float:
    """The strength that recognises most rows that judge, over all divisions; of equals the strongest."""
    right = [0] * len(STRENGTHS)
    for fits, judges in divisions:
        fitted = None
        for place, strength in enumerate(STRENGTHS):
            fitted = fit(x_ND[fits], labels[fits], classes, strength, fitted)
            right[place] += round(fitted.accuracy(x_ND[judges], labels[judges]) * len(judges))
    return STRENGTHS[right.index(max(right))]
