"""Masks on the channels of cells, and the weights of a network in which some channels are gone.

A mask stands before every convolution and fully connected layer that reads its channel, in the cell and
behind it: in between nothing joins channels, so that a channel of mask 0 is read by nothing. Further ahead a
norm would undo the mask, and shift its zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ..ir.channels import MIXING, NETWORK, Channel, Labels, Ties, kept
from ..ir.graph import Graph, GraphNode
from ..ir.schedule import part_name
from .network import GraphModule


class ChannelMasks:
    """Masks on the channels of a lowered network, by hooks on what reads them."""

    def __init__(self, network: GraphModule, tied: Ties) -> None:
        self._numbers = {
            channel: number
            for number, channel in enumerate(
                (place, unit) for place, units in tied.units.items() for unit in range(units)
            )
        }
        self._now: Tensor | None = None
        for graph, labels, node, part in _parts(network, tied):
            read = labels[graph.inputs(node.id)[0]] if node.primitive in MIXING else ()
            if any(label is not None for label in read):
                part.register_forward_pre_hook(self._hook(self._index(read)))

    def use(self, masks: Mapping[str, Tensor]) -> None:
        """Compute the next call with masks (units,) of each place, in the order of its units."""
        flat = [*masks.values()]
        self._now = torch.cat([*flat, flat[0].new_ones(1)])

    def _index(self, labels: Labels) -> Tensor:
        """The place of the mask of each channel; the last is of channels that have none."""
        return torch.tensor([len(self._numbers) if one is None else self._numbers[one] for one in labels])

    def _hook(self, index: Tensor) -> Any:
        known = {index.device: index}

        def multiplied(_: nn.Module, read: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            assert self._now is not None, "masks are given before each call"
            x, device = read[0], self._now.device
            if device not in known:
                known[device] = index.to(device)
            masks = self._now[known[device]].to(x)
            masks = masks.repeat_interleave(x.shape[1] // len(masks))  # two parts of a complex channel
            return (x * masks.view(1, -1, *[1] * (x.dim() - 2)),)

        return multiplied


def inherited(
    cut: nn.Module,
    weights: Mapping[str, Tensor],
    network: GraphModule,
    tied: Ties,
    removed: Collection[Channel],
) -> dict[str, Tensor]:
    """The weights of a network without some channels, for `cut`, from those of the whole one.

    network: the whole one, lowered.
    """
    rows: dict[str, tuple[int, tuple[int, ...]]] = {}
    columns: dict[str, tuple[int, ...]] = {}
    names = {id(module): name for name, module in network.named_modules()}
    for graph, labels, node, part in _parts(network, tied):
        name = names[id(part)]
        rows[name] = len(labels[node.id]), kept(labels[node.id], removed)
        if node.primitive in MIXING:
            columns[name] = kept(labels[graph.inputs(node.id)[0]], removed)
    found = {}
    for key, wanted in cut.state_dict().items():
        value, owner = weights[key], key.removeprefix("network.").rpartition(".")[0]
        while owner and owner not in rows:
            owner = owner.rpartition(".")[0]
        if value.shape != wanted.shape:
            channels, left = rows[owner]
            value = _rows(value, channels, left)
        if value.shape != wanted.shape:
            value = value[:, torch.tensor(columns[owner])]
        found[key] = value
    return found


def rows_of(value: Tensor, channels: int) -> Tensor:
    """A weight (channels * rows, ...), such as two rows for each complex channel, as (channels, numbers)."""
    return value.detach().reshape(channels, -1)


def _rows(value: Tensor, channels: int, left: tuple[int, ...]) -> Tensor:
    """Some channels of a weight (channels * rows, ...)."""
    rows = value.shape[0] // channels
    return value[torch.tensor([rows * one + row for one in left for row in range(rows)])]


def _parts(
    network: GraphModule, tied: Ties
) -> Iterator[tuple[Graph, Mapping[str, Labels], GraphNode, nn.Module]]:
    """The modules of all primitives of a lowered network: the graph, its labels, the node, the module."""
    cells = {part_name(call): call for call in tied.labels if call != NETWORK}
    graphs = [(NETWORK, network)]
    graphs += [(cells[name], part) for name, part in network.parts.items() if isinstance(part, GraphModule)]
    for call, lowered in graphs:
        labels = tied.labels[call]
        for node in lowered.graph:
            if node.kind == "primitive" and node.id in labels and part_name(node.id) in lowered.parts:
                yield lowered.graph, labels, node, lowered.parts[part_name(node.id)]
