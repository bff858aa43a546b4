"""A network with a soft mask on every intermediate node of every instance of a cell."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..ir.genotype import Genotype, Position
from ..ir.graph import Program
from ..ir.masks import Masked, masked, weights_of_terms, weights_of_value
from ..ir.positions import positions_without
from ..ir.walk import Chosen, Everything
from .network import GraphModule, initialise


class MaskedNetwork(nn.Module):
    """(N, channels, frequency, time) -> logits (N, classes) of a genotype's network with masks, 1 at first.

    masks: one number for each node, by the name of the place: (nodes,). With masks of 0 and 1 it computes
    what the network without the nodes of mask 0 computes. The weights have the names that they have in the
    genotype's `PrunedNetwork`. The genotype has no positions yet.
    """

    def __init__(self, program: Program, genotype: Genotype, seed: int) -> None:
        super().__init__()
        assert not genotype.positions, "its cells are whole"
        self._chosen = Chosen.of(genotype)
        self._whole = program
        own, self.places = masked(program, self._chosen)
        self.network = GraphModule(own.network, own, Everything())
        initialise(self.network, seed)
        self.masks = {
            one.place.name: nn.Parameter(torch.ones(len(one.place.nodes)))
            for one in self.places
            if one.place.nodes
        }
        self.to(memory_format=torch.channels_last)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> logits (N, classes)."""
        x = x_NCFT.contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.network([x] * len(self.network.inputs), self._weights(x))
        return logits

    def _weights(self, like: Tensor) -> Mapping[str, Tensor]:
        weights: dict[str, Tensor] = {}
        for one in self.places:
            if one.place.nodes:
                weights |= _of_place(one, self.masks[one.place.name].to(like))
        return weights

    @property
    def removed(self) -> dict[str, tuple[str, ...]]:
        """The nodes whose mask is 0, by the name of their place."""
        return {
            one.place.name: tuple(
                node
                for node, mask in zip(one.place.nodes, self.masks[one.place.name].tolist(), strict=True)
                if mask == 0.0
            )
            for one in self.places
            if one.place.nodes
        }

    @property
    def positions(self) -> tuple[Position, ...]:
        """The positions of the genotype without the nodes whose mask is 0."""
        return positions_without(self._whole, self._chosen, self.removed)


def _of_place(one: Masked, masks: Tensor) -> dict[str, Tensor]:
    """The weights of the sums in one cell. masks (nodes,)."""
    alive = one.alive(masks.tolist())
    there = masks * masks.new_tensor(alive)
    by_name = dict(zip(one.place.nodes, there.unbind(), strict=True))
    living = {node for node, lives in zip(one.place.nodes, alive, strict=True) if lives}
    instead = masks.new_tensor(float(living.isdisjoint(one.output)))
    weights = {}
    for node in one.place.nodes:
        terms = [by_name.get(source, masks.new_ones(())) for source in one.sources[node]]
        weights[weights_of_terms(one.place.name, node)] = torch.stack(terms)
        gone = instead if node not in living else masks.new_zeros(())
        weights[weights_of_value(one.place.name, node)] = torch.stack([by_name[node], gone])
    return weights
