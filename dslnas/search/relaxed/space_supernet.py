"""The supernet of a space as the Python API hands it out: it knows what its architecture parameters say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ...lower.supernet import Supernet
from ...methods.method import relaxed
from ...prune.prune import prune_as

if TYPE_CHECKING:
    from ...api import Genotype, Space


class SpaceSupernet(Supernet):
    """(N, channels, frequency, time) -> logits (N, classes), at the sizes of the search.

    `network` holds the weights, `architecture` the architecture parameters, mixed as the method says.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._space = space
        program = space.experiment.supernet
        super().__init__(program, relaxed(space.experiment.method), seed)

    @torch.no_grad()
    def genotype(self) -> Genotype:
        """The strongest edges of every node, each with its strongest candidate."""
        from ...api import Genotype

        one = self._space.experiment
        alpha = {id: w.tolist() for id, w in self.architecture.mixed_alpha().items()}
        gamma = {id: w.tolist() for id, w in self.architecture.mixed_gamma().items()}
        method = relaxed(one.method)
        found = prune_as(method, one.supernet, alpha, gamma, one.space_hash)
        return Genotype.of(found, self._space)
