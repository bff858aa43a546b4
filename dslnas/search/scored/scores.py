"""How important each part of each cell is in a trained network: the rivals of pruning by masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...base.diagnostics import fail
from ...data.features import Split
from ...ir.channels import Channel
from ...ir.genotype import Genotype
from ...ir.graph import GraphNode, Program
from ...ir.places import Part, places
from ...ir.positions import parts_at, ties_of
from ...ir.schedule import part_name
from ...ir.walk import Chosen
from ...lower.masked import MaskedNetwork
from ...lower.narrow import rows_of
from ...lower.network import GraphModule
from ...lower.pruned import PrunedNetwork
from ...prune.parts import Instance, instances
from ...train.batches import seeded

Scores = dict[Instance, float]


@dataclass(frozen=True)
class Trained:
    """A trained network with what it was trained on.

    batch: how many clips are seen at once. of: what is scored, `nodes`, `edges`
    or `channels`.
    """

    program: Program
    genotype: Genotype
    network: PrunedNetwork
    train: Split
    batch: int
    seed: int
    device: torch.device
    of: str = "nodes"


def drawn(trained: Trained) -> Scores:
    """Scores drawn at random from the seed: what any other is to be better than."""
    found = instances(trained.program, trained.genotype, trained.of)
    draws = torch.rand(len(found), generator=seeded(trained.seed, "removed")).tolist()
    return dict(zip(found, draws, strict=True))


def magnitude(trained: Trained) -> Scores:
    """The mean of |w| over the weights on an edge, or on all edges of a node, or of the filters that make the
    channels of a unit (Li et al., 2017).

    What has no weights (skips, pools) has 0, and goes first.
    """

    def weights(node: GraphNode, part: nn.Module) -> list[Tensor]:
        return [] if node.primitive == "bn" else list(part.parameters())

    return _mean_modulus(trained, weights)


def norm_scale(trained: Trained) -> Scores:
    """The mean of |gamma| over the batch norms on an edge, on all edges of a node, or of a unit of channels.

    This is network slimming (Liu et al., 2017). What has no norm has 0. Raises DslnasError N0603
    where no norm in a cell has a scale.
    """

    def scales(node: GraphNode, part: nn.Module) -> list[Tensor]:
        if node.primitive != "bn":
            return []
        return [value for name, value in part.named_parameters() if name.endswith("weight")]

    scores = _mean_modulus(trained, scales)
    if not any(scores.values()):
        message = "no batch norm in the cells of this network has a scale"
        raise fail("N0603", message, help="take another --method; some spaces have `--set affine=true`")
    return scores


def taylor(trained: Trained) -> Scores:
    """The mean square of the first-order change of the loss as a part goes (Molchanov et al., 2019).

    (dL/dm)^2 of a mask m = 1 on the part, over batches of the training clips as they are, in evaluation mode.
    """
    network = MaskedNetwork(trained.program, trained.genotype, trained.seed, trained.of).to(trained.device)
    network.load_state_dict(trained.network.state_dict())
    network.eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    masks = list(network.masks.values())
    sums = {name: torch.zeros_like(mask) for name, mask in network.masks.items()}
    for start in range(0, len(trained.train), trained.batch):
        rows = slice(start, start + trained.batch)
        logits = network(trained.train.features[rows].to(trained.device))
        loss = F.cross_entropy(logits.float(), trained.train.labels[rows].to(trained.device))
        for name, gradient in zip(sums, torch.autograd.grad(loss, masks), strict=True):
            sums[name] += gradient.square()
    return {
        (place, part): value
        for place, total in sums.items()
        for part, value in zip(network.parts[place], total.tolist(), strict=True)
    }


RIVALS: Mapping[str, Callable[[Trained], Scores]] = {
    "random": drawn,
    "l1": magnitude,
    "bn": norm_scale,
    "taylor": taylor,
}


def _mean_modulus(trained: Trained, wanted: Callable[[GraphNode, nn.Module], list[Tensor]]) -> Scores:
    """The mean modulus of the wanted weights on each edge, on the edges of each node, or into channels."""
    if trained.of == "channels":
        return _into_channels(trained, wanted)
    scores: Scores = {}
    parts = parts_at(trained.program, trained.genotype, trained.of)
    for place, cell in _cells(trained).items():
        values: dict[Part, list[Tensor]] = {part: [] for part in parts.get(place, ())}
        for node in cell.graph:
            site = node.site
            part: Part = site.node if trained.of == "nodes" else (site.source, site.node)
            if part in values and part_name(node.id) in cell.parts:
                values[part] += wanted(node, cell.parts[part_name(node.id)])
        for part, found in values.items():
            count = sum(value.numel() for value in found)
            total = sum(float(value.detach().abs().sum()) for value in found)
            scores[place, part] = total / count if count else 0.0
    return scores


def _into_channels(trained: Trained, wanted: Callable[[GraphNode, nn.Module], list[Tensor]]) -> Scores:
    """The mean modulus of the wanted weights that make the channels of each unit, in their cell."""
    tied = ties_of(trained.program, trained.genotype)
    sums: dict[Channel, float] = {}
    counts: dict[Channel, int] = {}
    calls = {place.name: place.call for place in places(trained.program, Chosen.of(trained.genotype))}
    for place, cell in _cells(trained).items():
        labels = tied.labels[calls[place]]
        for node in cell.graph:
            own = labels.get(node.id, ())
            if part_name(node.id) not in cell.parts or not any(one and one[0] == place for one in own):
                continue
            for value in wanted(node, cell.parts[part_name(node.id)]):
                for channel, row in zip(own, rows_of(value, len(own)), strict=True):
                    if channel is not None:
                        sums[channel] = sums.get(channel, 0.0) + float(row.abs().sum())
                        counts[channel] = counts.get(channel, 0) + row.numel()
    found = instances(trained.program, trained.genotype, trained.of)
    return {
        (place, part): sums.get((place, part), 0.0) / counts.get((place, part), 1)
        for place, part in found
        if isinstance(part, int)
    }


def _cells(trained: Trained) -> dict[str, GraphModule]:
    """The lowered cells of a network by the names of their places."""
    found = {}
    for place in places(trained.program, Chosen.of(trained.genotype)):
        cell = trained.network.network.parts[part_name(place.call)]
        assert isinstance(cell, GraphModule), "a call is of a cell"
        found[place.name] = cell
    return found
