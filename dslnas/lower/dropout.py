"""Dropout in a supernet: the module of a `dropout` node, and its rate and randomness in a step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Generator, Tensor, nn


class Dropout(nn.Module):
    """In training, values are 0 with a probability of `rate`, and the others grow by 1 / (1 - rate).

    together: how many neighbouring channels are lost together: 2 where they are a complex number.
    """

    rate: Tensor

    def __init__(self, together: int) -> None:
        super().__init__()
        self.together = together
        self.register_buffer("rate", torch.zeros(()), persistent=False)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> (N, C, F, T); the identity in evaluation."""
        if not self.training:
            return x_NCFT
        n, channels, *size = x_NCFT.shape
        x_NCPFT = x_NCFT.view(n, channels // self.together, self.together, *size)
        drawn_NCFT = torch.rand_like(x_NCPFT[:, :, 0], dtype=torch.float32)
        kept_NCFT = ((drawn_NCFT >= self.rate) / (1 - self.rate)).to(x_NCFT.dtype)
        return (x_NCPFT * kept_NCFT.unsqueeze(2)).flatten(1, 2)


@contextmanager
def dropping(network: nn.Module, rate: float, generator: Generator) -> Iterator[None]:
    """A context in which the dropouts of a network have this rate, and draw from the generator's seed.

    It does nothing to a network without dropouts. Torch's random state is restored at the end.
    """
    dropouts = [module for module in network.modules() if isinstance(module, Dropout)]
    if not dropouts:
        yield
        return
    for module in dropouts:
        module.rate.fill_(rate)
    device = dropouts[0].rate.device
    accelerator = {} if device.type == "cpu" else {"device_type": device.type}
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device], **accelerator):
        torch.manual_seed(generator.initial_seed())
        yield
