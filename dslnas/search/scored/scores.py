"""How important each node of each cell is in a trained network: the rivals of pruning by masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...base.diagnostics import fail
from ...data.features import Split
from ...ir.genotype import Genotype
from ...ir.graph import GraphNode, Program
from ...ir.positions import places
from ...ir.schedule import part_name
from ...ir.walk import Chosen
from ...lower.masked import MaskedNetwork
from ...lower.network import GraphModule
from ...lower.pruned import PrunedNetwork
from ...prune.nodes import Instance, instances
from ...train.batches import seeded

Scores = dict[Instance, float]


@dataclass(frozen=True)
class Trained:
    """A trained network with what it was trained on. batch: how many clips are seen at once."""

    program: Program
    genotype: Genotype
    network: PrunedNetwork
    train: Split
    batch: int
    seed: int
    device: torch.device


def drawn(trained: Trained) -> Scores:
    """Scores drawn at random from the seed: what any other is to be better than."""
    found = instances(trained.program, trained.genotype)
    draws = torch.rand(len(found), generator=seeded(trained.seed, "removed")).tolist()
    return dict(zip(found, draws, strict=True))


def magnitude(trained: Trained) -> Scores:
    """The mean of |w| over the weights on the edges of a node (Li et al., 2017, for filters).

    A node whose edges have no weights (skips, pools) has 0, and goes first.
    """

    def weights(node: GraphNode, part: nn.Module) -> list[Tensor]:
        return [] if node.primitive == "bn" else list(part.parameters())

    return _of_edges(trained, weights)


def norm_scale(trained: Trained) -> Scores:
    """The mean of |gamma| over the batch norms on the edges of a node (network slimming, Liu et al., 2017).

    A node whose edges have no norm has 0. Raises DslnasError N0603 where no norm in a cell has a scale.
    """

    def scales(node: GraphNode, part: nn.Module) -> list[Tensor]:
        if node.primitive != "bn":
            return []
        return [value for name, value in part.named_parameters() if name.endswith("weight")]

    scores = _of_edges(trained, scales)
    if not any(scores.values()):
        message = "no batch norm in the cells of this network has a scale"
        raise fail("N0603", message, help="take another --method; some spaces have `--set affine=true`")
    return scores


def taylor(trained: Trained) -> Scores:
    """The mean square of the first-order change of the loss as a node goes (Molchanov et al., 2019).

    (dL/dm)^2 of a mask m = 1 on the node, over batches of the training clips as they are, in evaluation mode.
    """
    network = MaskedNetwork(trained.program, trained.genotype, trained.seed).to(trained.device)
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
    named = {one.place.name: one.place.nodes for one in network.places}
    return {
        (place, node): value
        for place, total in sums.items()
        for node, value in zip(named[place], total.tolist(), strict=True)
    }


RIVALS: Mapping[str, Callable[[Trained], Scores]] = {
    "random": drawn,
    "l1": magnitude,
    "bn": norm_scale,
    "taylor": taylor,
}


def _of_edges(trained: Trained, wanted: Callable[[GraphNode, nn.Module], list[Tensor]]) -> Scores:
    """The mean modulus of the wanted weights on the edges of each node."""
    scores: Scores = {}
    for place in places(trained.program, Chosen.of(trained.genotype)):
        cell = trained.network.network.parts[part_name(place.call)]
        assert isinstance(cell, GraphModule), "a call is of a cell"
        values: dict[str, list[Tensor]] = {node: [] for node in place.nodes}
        for node in cell.graph:
            if node.site.node in values and part_name(node.id) in cell.parts:
                values[node.site.node] += wanted(node, cell.parts[part_name(node.id)])
        for name, found in values.items():
            count = sum(value.numel() for value in found)
            total = sum(float(value.detach().abs().sum()) for value in found)
            scores[place.name, name] = total / count if count else 0.0
    return scores
