"""The layers that the reference is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

Make = Callable[..., nn.Module]


@dataclass(frozen=True)
class Layers:
    """What makes each layer, with the arguments of torch's modules; parts: how many numbers a value has."""

    conv: Make
    norm: Make
    relu: Make
    max_pool: Make
    avg_pool: Make
    linear: Make
    to_real: Make
    parts: int


REAL = Layers(nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.Linear, nn.Identity, parts=1)
