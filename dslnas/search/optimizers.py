"""Optimizers by the names that methods use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import cos, pi
from typing import Any

import torch
from torch import nn

from ..method import Optimizer

# The fused forms of Adam keep their step count on the device; the others read it on the host.
OPTIMIZERS: Mapping[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": partial(torch.optim.SGD, foreach=True),
    "adam": partial(torch.optim.Adam, fused=True),
    "adamw": partial(torch.optim.AdamW, fused=True),
}


def make_optimizer(
    optimizer: Optimizer,
    parameters: Iterable[nn.Parameter],
    rate: float | None = None,
    polynomial: Iterable[nn.Parameter] = (),
) -> torch.optim.Optimizer:
    """The optimizer over the parameters, with `rate` in place of its learning rate where one is given.

    polynomial: those of the parameters that have a weight decay of their own where the optimizer names one.
    """
    arguments = dict(optimizer.arguments)
    decay = arguments.pop("polynomial_decay", None)
    if rate is not None:
        arguments["lr"] = rate
    apart = set() if decay is None else set(polynomial)
    parts: tuple[list[nn.Parameter], list[nn.Parameter]] = ([], [])
    for parameter in parameters:
        parts[parameter in apart].append(parameter)
    own, decayed = parts
    groups: list[dict[str, Any]] = [{"params": own}, {"params": decayed, "weight_decay": decay}]
    return OPTIMIZERS[optimizer.name]([group for group in groups if group["params"]], **arguments)


def cosine(start: float, floor: float | None, step: int, steps: int) -> float:
    """The learning rate of a step, from 0: `start` at the first, `floor` at the last, a cosine between them.

    Loshchilov and Hutter, 2017, without restarts. Constant where there is no floor.
    """
    if floor is None:
        return start
    return floor + 0.5 * (start - floor) * (1.0 + cos(pi * step / max(1, steps - 1)))


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
