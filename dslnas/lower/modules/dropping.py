"""Modules that lose values in training, and the draws of a step, which follow from seed and step alone.

A draw is a hash of a key and of the place of a value, computed on the device: it is the same on every device,
also where kernels are recorded and replayed; it needs no state that a checkpoint would have to hold; and it
comes out the same where the backward pass computes a cell again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

GOLDEN = 0x9E3779B9 - 2**32  # 2^32 over the golden ratio, odd, as a signed number


def uniform(key: Tensor, count: int) -> Tensor:
    """Numbers in [0, 1), of 24 bits, (count,): a function of the key, a scalar of int32, and of their places.

    The mixing function is `lowbias32` of Wellons (2018), on signed numbers that wrap around.
    """
    h = torch.arange(count, dtype=torch.int32, device=key.device) * GOLDEN + key
    for shift, factor in ((16, 0x21F0AAAD), (15, 0x735A2D97)):
        h = (h ^ ((h >> shift) & (2 ** (32 - shift) - 1))) * factor
    h = h ^ ((h >> 15) & (2**17 - 1))
    return ((h >> 8) & (2**24 - 1)).float() / 2**24


class Dropping(nn.Module):
    """In a step of training, values are 0 with a probability of `rate`; the others grow by 1 / (1 - rate).

    of: what a draw decides about: `values`, `channels` or whole `examples`. together: how many neighbouring
    channels are lost together: 2 where they are a complex number.
    """

    key: Tensor

    def __init__(self, rate: float, of: str, together: int) -> None:
        super().__init__()
        self.rate, self.of, self.together = rate, of, together
        self.acting = (
            False  # between steps nothing is lost, so that what is measured there depends on no draw
        )
        self.register_buffer("key", torch.zeros((), dtype=torch.int32), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, ...) -> (N, C, ...); the identity in evaluation, and in training outside of a step."""
        if not (self.training and self.acting):
            return x
        n, channels, *size = x.shape
        drawn = (n, channels // self.together, *size)
        if self.of != "values":
            drawn = (n, channels // self.together if self.of == "channels" else 1, *(1 for _ in size))
        count = 1
        for extent in drawn:
            count *= extent
        factor = ((uniform(self.key, count) >= self.rate) / (1 - self.rate)).to(x.dtype).view(drawn)
        if self.together > 1 and self.of != "examples":
            factor = factor.repeat_interleave(self.together, dim=1)
        return x * factor


class Losing:
    """The draws of all modules of a network that lose values."""

    def __init__(self, network: nn.Module, seed: int) -> None:
        self.modules = [module for module in network.modules() if isinstance(module, Dropping)]
        self.seed = seed

    @contextmanager
    def of(self, step: int) -> Iterator[None]:
        """A context in which the network loses what is drawn for a step, the same in every pass."""
        for place, module in enumerate(self.modules):
            digest = hashlib.sha256(f"{self.seed}/dropping/{place}/{step}".encode()).digest()
            module.key.fill_(int.from_bytes(digest[:4], "big") >> 1)
            module.acting = True
        try:
            yield
        finally:
            for module in self.modules:
                module.acting = False
