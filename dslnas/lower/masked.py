"""A network with a soft mask on every node, or on every edge, of every instance of a cell."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..ir.genotype import Genotype, Position
from ..ir.graph import Program
from ..ir.masks import Masked, masked, weights_of_terms, weights_of_value
from ..ir.positions import Part, positions_without
from ..ir.walk import Chosen, Everything
from .network import GraphModule, initialise


class MaskedNetwork(nn.Module):
    """(N, channels, frequency, time) -> logits (N, classes) of a genotype's network with masks, 1 at first.

    of: what has masks, `nodes` or `edges`. parts: these, by the name of the place, of places that have some.
    masks: one number for each: (parts,). With masks of 0 and 1 it computes what the network without the parts
    of mask 0 computes. The weights have the names that they have in the genotype's `PrunedNetwork`. The
    genotype has no positions yet.
    """

    def __init__(self, program: Program, genotype: Genotype, seed: int, of: str = "nodes") -> None:
        super().__init__()
        assert not genotype.positions, "its cells are whole"
        self.of = of
        self._chosen = Chosen.of(genotype)
        self._whole = program
        own, places = masked(program, self._chosen, of)
        self._masked = tuple(one for one in places if one.parts)
        self.network = GraphModule(own.network, own, Everything())
        initialise(self.network, seed)
        self.parts: dict[str, tuple[Part, ...]] = {one.place.name: one.parts for one in self._masked}
        self.masks = {place: nn.Parameter(torch.ones(len(parts))) for place, parts in self.parts.items()}
        self.to(memory_format=torch.channels_last)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> logits (N, classes)."""
        x = x_NCFT.contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.network([x] * len(self.network.inputs), self._weights(x))
        return logits

    def _weights(self, like: Tensor) -> Mapping[str, Tensor]:
        weights: dict[str, Tensor] = {}
        for one in self._masked:
            weights |= _of_place(one, self.masks[one.place.name].to(like))
        return weights

    @property
    def removed(self) -> dict[str, tuple[Part, ...]]:
        """The parts whose mask is 0, by the name of their place."""
        return {
            place: tuple(
                part for part, mask in zip(parts, self.masks[place].tolist(), strict=True) if mask == 0.0
            )
            for place, parts in self.parts.items()
        }

    @property
    def positions(self) -> tuple[Position, ...]:
        """The positions of the genotype without the parts whose mask is 0."""
        return positions_without(self._whole, self._chosen, self.removed)


def _of_place(one: Masked, masks: Tensor) -> dict[str, Tensor]:
    """The weights of the sums in one cell. masks (parts,)."""
    each = dict(zip(one.parts, masks.unbind(), strict=True))
    alive = one.alive(dict(zip(one.parts, masks.tolist(), strict=True)))
    whole, gone = masks.new_ones(()), masks.new_zeros(())
    there = {node: each.get(node, whole) * (whole if node in alive else gone) for node in one.place.nodes}
    instead = whole if alive.isdisjoint(one.output) else gone
    weights = {}
    for node in one.place.nodes:
        terms = [there.get(source, whole) * each.get((source, node), whole) for source in one.sources[node]]
        weights[weights_of_terms(one.place.name, node)] = torch.stack(terms)
        weights[weights_of_value(one.place.name, node)] = torch.stack(
            [there[node], gone if node in alive else instead]
        )
    return weights
