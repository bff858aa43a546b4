"""The pruned network of a genotype: a plain torch module, without architecture parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..ir.genotype import Genotype
from ..ir.graph import Program
from ..ir.walk import Chosen
from .network import GraphModule, initialise


class PrunedNetwork(nn.Module):
    """(N, channels, frequency, time) -> logits (N, classes). Nodes are plain sums of their kept edges."""

    def __init__(self, program: Program, genotype: Genotype, seed: int) -> None:
        super().__init__()
        self.network = GraphModule(program.network, program, Chosen.of(genotype))
        initialise(self.network, seed)
        self.to(memory_format=torch.channels_last)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> logits (N, classes)."""
        x = x_NCFT.contiguous(memory_format=torch.channels_last)
        # Where a space chooses its front end the network has an input for each, of which one is read.
        logits: Tensor = self.network([x] * len(self.network.inputs))
        return logits
