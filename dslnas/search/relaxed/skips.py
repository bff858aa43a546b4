"""Guards against skips: one beside each edge that fades, and the skips that a cell would keep by now.

Skips help other weights to learn, and a search takes that for what they are worth. DARTS- (Chu et al., 2021)
gives each edge a skip of its own, with a factor that falls to 0: an edge is `beta x + sum_o w_o o(x)`. With a
candidate that is the identity, that is a mixture in which it weighs `w_skip + beta`.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ...ir.analysis.traits import reducing
from ...ir.genotype import Genotype
from ...ir.graph import Program
from ...ir.walk import Chosen


class AuxiliarySkips:
    """What is added to the weights of the skips of a program.

    beta: a scalar on the device, which the steps read.
    """

    def __init__(self, program: Program, device: torch.device) -> None:
        self.beta = torch.zeros((), device=device)
        self._places = {
            point.id: torch.tensor([float(option in point.skips) for option in point.options], device=device)
            for point in program.choices.values()
            if point.skips
        }

    def beside(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Mixed weights with those of the skips raised; their gradients are as without."""
        more = {id: weights[id] + self.beta * places for id, places in self._places.items()}
        return {**weights, **more}

    def set(self, beta: float) -> None:
        """Add so much from now on."""
        self.beta.fill_(beta)


def too_many_skips(program: Program, genotype: Genotype, limit: float) -> bool:
    """Whether a cell that keeps the size has as many skips as a limit says.

    limit: a number of skips, or below 1 their share of the operations that the cell keeps.
    """
    chosen, reduces = Chosen.of(genotype), reducing(program)
    for kind in program.kinds:
        if kind in reduces:
            continue
        kept = [
            (point, option)
            for id in (*chosen.options, *chosen.several)
            if (point := program.choices.get(id)) is not None and point.cell == kind and point.node
            for option in chosen.taken(id)
        ]
        skips = sum(option in point.skips for point, option in kept)
        if kept and skips >= (limit if limit >= 1 else limit * len(kept)):
            return True
    return False
