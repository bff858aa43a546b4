"""The pruned network of a genotype: a plain torch module, without architecture parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..ir.genotype import Genotype
from ..ir.graph import Program
from ..ir.positions import network_of
from .network import GraphModule, initialise


class PrunedNetwork(nn.Module):
    """(N, channels, frequency, time) -> logits (N, classes). Nodes are plain sums of their kept edges;
    at the genotype's positions some are removed."""

    def __init__(self, program: Program, genotype: Genotype, seed: int) -> None:
        super().__init__()
        own, chosen = network_of(program, genotype)
        self.network = GraphModule(own.network, own, chosen)
        initialise(self.network, seed)
        self.to(memory_format=torch.channels_last)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> logits (N, classes)."""
        x = x_NCFT.contiguous(memory_format=torch.channels_last)
        # Where a space chooses its front end the network has an input for each, of which one is read.
        logits: Tensor = self.network([x] * len(self.network.inputs))
        return logits
