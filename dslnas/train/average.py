"""Averages of weights over the steps of a training, which are judged and handed over in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class Average:
    """The exponential moving average of a module's weights and running statistics.

    After step t, counted from 0, it is `d * before + (1 - d) * present`, d = min(share, (1 + t) / (10 + t)):
    what the weights were at first is soon forgotten, in a short training as well (so TensorFlow's average,
    with `num_updates`). It stays on the device, and no step waits for it.
    """

    def __init__(self, module: nn.Module, share: float) -> None:
        self.module, self.share = module, share
        self._present = dict(_averaged(module))
        self._seen = [value.detach() for value in self._present.values()]  # the same memory
        self._mean = {name: value.detach().clone() for name, value in self._present.items()}

    def share_at(self, step: int) -> float:
        """The share of the average that a step, from 0, keeps."""
        return min(self.share, (1.0 + step) / (10.0 + step))

    @torch.no_grad()
    def follow(self, step: int) -> None:
        """Take in the weights as they are after a step."""
        torch._foreach_lerp_(list(self._mean.values()), self._seen, 1.0 - self.share_at(step))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """A context in which the module has the average in place of its weights."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    @torch.no_grad()
    def _exchange(self) -> None:
        for name, value in self._present.items():
            kept = value.detach().clone()
            value.copy_(self._mean[name])
            self._mean[name].copy_(kept)

    def state_dict(self) -> dict[str, Tensor]:
        """The average by the names of the module, for the checkpoint."""
        return dict(self._mean)

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint; raises KeyError where it is of another module."""
        for name, value in self._mean.items():
            value.copy_(state[name])


def _averaged(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Parameters and running statistics by name; counts are no mean of anything."""
    yield from module.named_parameters()
    yield from ((name, one) for name, one in module.named_buffers() if one.is_floating_point())
