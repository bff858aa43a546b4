"""How important each part of each cell is in a trained network: the rivals of pruning by masks."""

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
from ...ir.positions import Part, parts_of, places
from ...ir.schedule import part_name
from ...ir.walk import Chosen
from ...lower.masked import MaskedNetwork
from ...lower.network import GraphModule
from ...lower.pruned import PrunedNetwork
from ...prune.parts import Instance, instances
from ...train.batches import seeded

Scores = dict[Instance, float]


@dataclass(frozen=True)
class Trained:
    """A trained network with what it was trained on.

    batch: how many clips are seen at once. of: what is scored, `nodes` or `edges`.
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
    """The mean of |w| over the weights on an edge, or on all edges of a node (Li et al., 2017, for filters).

    What has no weights on its edges (skips, pools) has 0, and goes first.
    """

    def weights(node: GraphNode, part: nn.Module) -> list[Tensor]:
        return [] if node.primitive == "bn" else list(part.parameters())

    return _of_edges(trained, weights)


def norm_scale(trained: Trained) -> Scores:
    """The mean of |gamma| over the batch norms on an edge, or on all edges of a node.

    This is network slimming (Liu et al., 2017). What has no norm on its edges has 0. Raises DslnasError N0603
    where no norm in a cell has a scale.
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


def _of_edges(trained: Trained, wanted: Callable[[GraphNode, nn.Module], list[Tensor]]) -> Scores:
    """The mean modulus of the wanted weights on each edge, or on the edges of each node."""
    scores: Scores = {}
    chosen = Chosen.of(trained.genotype)
    for place in places(trained.program, chosen):
        cell = trained.network.network.parts[part_name(place.call)]
        assert isinstance(cell, GraphModule), "a call is of a cell"
        parts = parts_of(trained.program, chosen, place, trained.of)
        values: dict[Part, list[Tensor]] = {part: [] for part in parts}
        for node in cell.graph:
            site = node.site
            part: Part = site.node if trained.of == "nodes" else (site.source, site.node)
            if part in values and part_name(node.id) in cell.parts:
                values[part] += wanted(node, cell.parts[part_name(node.id)])
        for part, found in values.items():
            count = sum(value.numel() for value in found)
            total = sum(float(value.detach().abs().sum()) for value in found)
            scores[place.name, part] = total / count if count else 0.0
    return scores
