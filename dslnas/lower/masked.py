"""A network with a soft mask on every node, edge or channel of every instance of a cell."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..ir.genotype import Genotype, Position
from ..ir.graph import Program
from ..ir.masks import Masked, masked, weights_of_terms, weights_of_value
from ..ir.places import Part
from ..ir.positions import network_of, parts_at, positions_without, ties_of
from ..ir.walk import Chosen, Everything
from .narrow import ChannelMasks
from .network import GraphModule, initialise


class MaskedNetwork(nn.Module):
    """(N, channels, frequency, time) -> logits (N, classes) of a genotype's network with masks, 1 at first.

    of: what has masks, `nodes`, `edges` or `channels`. parts: these, by the name of the place, of places that
    have some. masks: one number for each: (parts,). With masks of 0 and 1 it computes what the network
    without the parts of mask 0 computes; of the channels of a cell, if all have mask 0, the first stay. The
    weights have the names that they have in the genotype's `PrunedNetwork`, and the genotype no positions.
    """

    def __init__(self, program: Program, genotype: Genotype, seed: int, of: str = "nodes") -> None:
        super().__init__()
        assert not genotype.positions, "its cells are whole"
        self.of = of
        self._genotype, self._whole = genotype, program
        self.parts = parts_at(program, genotype, of)
        self._masked: tuple[Masked, ...] = ()
        self._channels: ChannelMasks | None = None
        if of == "channels":
            own, chosen = network_of(program, genotype)
            self.network = GraphModule(own.network, own, chosen)
            self._channels = ChannelMasks(self.network, ties_of(program, genotype))
        else:
            own, places = masked(program, Chosen.of(genotype), of)
            self._masked = tuple(one for one in places if one.parts)
            self.network = GraphModule(own.network, own, Everything())
        initialise(self.network, seed)
        self.masks = {place: nn.Parameter(torch.ones(len(parts))) for place, parts in self.parts.items()}
        self.to(memory_format=torch.channels_last)

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> logits (N, classes)."""
        x = x_NCFT.contiguous(memory_format=torch.channels_last)
        inputs = [x] * len(self.network.inputs)
        if self._channels is None:
            return self.network(inputs, self._weights(x))  # type: ignore[no-any-return]
        self._channels.use({place: _some(masks.to(x)) for place, masks in self.masks.items()})
        return self.network(inputs)  # type: ignore[no-any-return]

    def _weights(self, like: Tensor) -> Mapping[str, Tensor]:
        weights: dict[str, Tensor] = {}
        for one in self._masked:
            weights |= _of_place(one, self.masks[one.place.name].to(like))
        return weights

    @property
    def removed(self) -> dict[str, tuple[Part, ...]]:
        """The parts whose mask is 0, by the name of their place; never all channels of a cell."""
        found = {}
        for place, parts in self.parts.items():
            masks = self.masks[place].detach()
            there = (_some(masks) if self._channels else masks).tolist()
            found[place] = tuple(part for part, mask in zip(parts, there, strict=True) if mask == 0.0)
        return found

    @property
    def positions(self) -> tuple[Position, ...]:
        """The positions of the genotype without the parts whose mask is 0."""
        return positions_without(self._whole, self._genotype, self.removed)


def _some(masks: Tensor) -> Tensor:
    """Masks (channels,), of which the first becomes 1 where all are 0."""
    first = torch.zeros_like(masks)
    first[0] = 1.0
    return masks + first * (masks == 0.0).all()


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
