"""Proximal steps on masks, after which they are exactly 0 where they were pressed to it, and stay so."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn


class Fista:
    """FISTA (Beck and Teboulle, 2009) on masks that are never negative.

    A step goes down the gradient at the extrapolated masks, lowers them by `rate * press` and cuts them off
    at 0: the proximal operator of press * |s|_1 over s >= 0. Then it extrapolates. The press is in the
    proximal operator alone, not in the gradient as well. A mask below `keep` becomes 0; one of 0 stays 0.

    reached: of each mask the step at which it became 0, -1 where it is not.
    """

    def __init__(self, masks: Mapping[str, nn.Parameter], press: float, keep: float = 0.0) -> None:
        self.masks, self.press, self.keep = masks, press, keep
        self.latest = {name: mask.detach().clone() for name, mask in masks.items()}
        self.reached = {name: torch.full((len(mask),), -1, dtype=torch.int64) for name, mask in masks.items()}
        self.momentum = 1.0

    @torch.no_grad()
    def step(self, step: int, rate: float) -> None:
        """Move all masks by their gradients, which are dropped; `step` counts from 0."""
        following = (1.0 + sqrt(1.0 + 4.0 * self.momentum**2)) / 2.0
        share = (self.momentum - 1.0) / following
        for name, mask in self.masks.items():
            assert mask.grad is not None, "a step follows a backward pass"
            gone = self.reached[name] >= 0
            lowered = (mask - rate * mask.grad - rate * self.press).clamp_min(0.0).masked_fill(gone, 0.0)
            ahead = (lowered + share * (lowered - self.latest[name])).clamp_min(0.0)
            ahead = ahead.masked_fill((lowered == 0.0) | (ahead < self.keep), 0.0)
            self.reached[name][~gone & (ahead == 0.0)] = step
            self.latest[name] = lowered.masked_fill(ahead == 0.0, 0.0)
            mask.copy_(ahead)
            mask.grad = None
        self.momentum = following

    def state_dict(self) -> dict[str, Any]:
        """The masks, those before the extrapolation, when they became 0, and the momentum."""
        return {
            "masks": {name: mask.detach() for name, mask in self.masks.items()},
            "latest": self.latest,
            "reached": self.reached,
            "momentum": self.momentum,
        }

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint."""
        for name, mask in self.masks.items():
            mask.copy_(state["masks"][name])
        self.latest = {name: self._tensor(state["latest"], name) for name in self.masks}
        self.reached = {name: self._tensor(state["reached"], name) for name in self.masks}
        self.momentum = float(state["momentum"])

    @staticmethod
    def _tensor(values: Mapping[str, Tensor], name: str) -> Tensor:
        return values[name].clone()
