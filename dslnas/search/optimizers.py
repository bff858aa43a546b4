"""Optimizers by the names that methods use."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, pi

import torch
from torch import nn

from ..method import Optimizer

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
}


def make_optimizer(
    optimizer: Optimizer, parameters: Iterable[nn.Parameter], rate: float | None = None
) -> torch.optim.Optimizer:
    """The optimizer over the parameters, with `rate` in place of its learning rate where one is given."""
    arguments = dict(optimizer.arguments)
    if rate is not None:
        arguments["lr"] = rate
    return OPTIMIZERS[optimizer.name](list(parameters), foreach=True, **arguments)


def cosine(start: float, floor: float | None, step: int, steps: int) -> float:
    """The learning rate of a cosine schedule without restarts; constant where there is no floor."""
    if floor is None:
        return start
    return floor + 0.5 * (start - floor) * (1.0 + cos(pi * step / max(1, steps)))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
