"""A network with masks of 0 and 1 is the network without the nodes of mask 0."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from small import batch, random_genotype, small, stir

from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.positions import network_of, places
from dslnas.ir.walk import Chosen, cost
from dslnas.lower.masked import MaskedNetwork
from dslnas.lower.pruned import PrunedNetwork
from dslnas.runs.experiment import Experiment

SPACES = [
    ("ss1", "real"),
    ("ss1", "complex"),
    ("sspolasym4", "real"),
    ("sspolattention", "complex"),
]


def drawn(space: str, domain: str = "real", seed: int = 0) -> tuple[Experiment, Program, Genotype]:
    experiment = small(space, "darts", f"domain={domain}", "repeat=1", nodes=3)
    program = experiment.evaluation
    return experiment, program, random_genotype(program, seed)


def masked_by(program: Program, genotype: Genotype, removed: dict[str, set[str]]) -> MaskedNetwork:
    """The masked network of a genotype, with stirred weights and masks of 0 and 1."""
    network = MaskedNetwork(program, genotype, 0).double()
    stir(network, 1)
    for one in network.places:
        gone = removed.get(one.place.name, set())
        mask = [float(node not in gone) for node in one.place.nodes]
        network.masks[one.place.name].data = torch.tensor(mask, dtype=torch.float64)
    return network


def agree(experiment: Experiment, program: Program, genotype: Genotype, network: MaskedNetwork) -> None:
    own = replace(genotype, positions=network.positions)
    pruned = PrunedNetwork(program, own, 9).double()
    weights = network.state_dict()
    pruned.load_state_dict({name: weights[name].clone() for name in pruned.state_dict()})
    x, _ = batch(experiment, dtype=torch.float64)
    for training in (False, True):  # training comes last: it changes the running statistics
        network.train(training)
        pruned.train(training)
        torch.testing.assert_close(network(x), pruned(x), rtol=1e-10, atol=1e-10)
    count = sum(parameter.numel() for parameter in pruned.parameters())
    assert count == cost(*network_of(program, own)).params


@pytest.mark.parametrize(("space", "domain"), SPACES)
@pytest.mark.parametrize("seed", range(2))
def test_masks_of_0_and_1_are_the_network_without_nodes(space: str, domain: str, seed: int) -> None:
    experiment, program, genotype = drawn(space, domain, seed)
    chance = random.Random(seed)
    removed = {
        place.name: {node for node in place.nodes if chance.random() < 0.5}
        for place in places(program, Chosen.of(genotype))
    }
    agree(experiment, program, genotype, masked_by(program, genotype, removed))


def test_masks_of_1_are_the_whole_network() -> None:
    experiment, program, genotype = drawn("ss1")
    network = masked_by(program, genotype, {})
    assert network.positions == ()
    assert set(PrunedNetwork(program, genotype, 0).state_dict()) == set(network.state_dict())
    agree(experiment, program, genotype, network)


@pytest.mark.parametrize("number", range(6))
def test_a_cell_may_lose_all_its_nodes(number: int) -> None:
    experiment, program, genotype = drawn("ss1")
    found = places(program, Chosen.of(genotype))
    assert len(found) == 6
    place = found[number]
    network = masked_by(program, genotype, {place.name: set(place.nodes)})
    agree(experiment, program, genotype, network)
    a_signal_flows(experiment, network)


def test_a_signal_flows_through_a_network_without_any_node() -> None:
    experiment, program, genotype = drawn("ss1")
    everything = {place.name: set(place.nodes) for place in places(program, Chosen.of(genotype))}
    network = masked_by(program, genotype, everything)
    agree(experiment, program, genotype, network)
    a_signal_flows(experiment, network)


def a_signal_flows(experiment: Experiment, network: MaskedNetwork) -> None:
    logits = network.train()(batch(experiment, dtype=torch.float64)[0])
    assert not torch.allclose(logits[0], logits[1])


def test_the_gradient_of_a_mask_is_how_the_logits_move() -> None:
    experiment, program, genotype = drawn("ss1", seed=3)
    network = masked_by(program, genotype, {}).eval()
    x, _ = batch(experiment, dtype=torch.float64)
    name = network.places[1].place.name
    mask = network.masks[name]
    mask.data = torch.full_like(mask, 0.7)
    network(x).square().sum().backward()
    assert mask.grad is not None
    step = 1e-6
    for node in range(len(mask)):
        sides = []
        for sign in (1, -1):
            mask.data[node] += sign * step
            with torch.no_grad():
                sides.append(float(network(x).square().sum()))
            mask.data[node] -= sign * step
        assert float(mask.grad[node]) == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-4, abs=1e-6)
