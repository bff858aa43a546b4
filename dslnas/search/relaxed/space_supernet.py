"""The supernet of a space, with the genotype that its architecture parameters stand for at present."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

import torch

from ...ir.genotype import Genotype
from ...ir.graph import Program
from ...lower.supernet import Supernet
from ...methods.method import RelaxedMethod
from ...prune.prune import prune_as

Found = TypeVar("Found")


class SpaceSupernet(Supernet, Generic[Found]):
    """(N, channels, frequency, time) -> logits (N, classes), at the sizes of the search.

    `network` holds the weights, `architecture` the architecture parameters, mixed as the method defines.
    hand_out: converts the genotype that `genotype()` returns.
    """

    def __init__(
        self,
        program: Program,
        method: RelaxedMethod,
        seed: int,
        space_hash: str,
        hand_out: Callable[[Genotype], Found],
    ) -> None:
        super().__init__(program, method, seed)
        self._derive = partial(prune_as, method, program, space_hash=space_hash)
        self._hand_out = hand_out

    @torch.no_grad()
    def genotype(self) -> Found:
        """The present genotype: the strongest edges of every node, each with its strongest candidate."""
        alpha = {id: w.tolist() for id, w in self.architecture.mixed_alpha().items()}
        gamma = {id: w.tolist() for id, w in self.architecture.mixed_gamma().items()}
        return self._hand_out(self._derive(alpha, gamma))
