"""The cost of pruning alone: the accuracy of the pruned network with the weights of its supernet."""

from __future__ import annotations

import torch

from ...data.features import Split
from ...ir.genotype import Genotype
from ...ir.graph import Program
from ...lower.pruned import PrunedNetwork
from ...lower.supernet import Supernet
from ...train.batches import Batches
from ...train.testing import accuracy
from .step import RelaxedSearch

STATISTICS_BATCHES = 50  # running statistics with momentum 0.1 keep 0.5 % of what they were before these


def inherited(supernet: Supernet, program: Program, genotype: Genotype) -> PrunedNetwork:
    """The pruned network at the sizes of the search, with a copy of the supernet's weights and statistics.

    It computes what the supernet computes with one-hot mixed weights.
    """
    with torch.random.fork_rng(devices=[]):  # layers draw weights when they are made
        network = PrunedNetwork(program, genotype, seed=0)
    state = supernet.state_dict()
    network.load_state_dict({name: state[name] for name in network.state_dict()})
    return network


@torch.no_grad()
def recalibrate(network: PrunedNetwork, batches: Batches, steps: int) -> None:
    """Estimate the running statistics of the norms anew, from `steps` batches as the search draws them.

    The supernet's statistics are those of mixtures. Guo et al. (2020), Single Path One-Shot Neural
    Architecture Search, do so before they evaluate what a supernet contains.
    """
    network.train()
    for step in range(steps):
        network(batches.at(step)[0])


def pruning_figures(
    search: RelaxedSearch, genotype: Genotype, validation: Split, batches: Batches, steps: int
) -> dict[str, float]:
    """Validation accuracies, 0 .. 1, of a finished search before and after pruning; it stays as it is.

    supernet: as it mixes. discretised: pruned, with the supernet's weights and statistics as they are.
    recalibrated: with statistics of its own, from at most `steps` of the batches that trained the weights.
    """
    device = search.device
    network = inherited(search.supernet, search.program, genotype).to(device)
    figures = {
        "supernet": accuracy(search.supernet, validation, device),
        "discretised": accuracy(network, validation, device),
    }
    recalibrate(network, batches, min(STATISTICS_BATCHES, steps))
    return figures | {"recalibrated": accuracy(network, validation, device)}
