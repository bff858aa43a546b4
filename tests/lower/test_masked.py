"""A network with masks of 0 and 1 is the network without the parts of mask 0."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
import torch
from small import batch, random_genotype, small, stir

from dslnas.ir.channels import Channel
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.ir.places import Part
from dslnas.ir.positions import network_of, parts_at, ties_of
from dslnas.ir.walk import cost
from dslnas.lower.masked import MaskedNetwork
from dslnas.lower.narrow import inherited
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.adversarial import PARTS
from dslnas.prune.parts import instances
from dslnas.prune.validate import validate
from dslnas.runs.experiment import Experiment

SPACES = [
    ("ss1", "real"),
    ("ss1", "complex"),
    ("sspolasym4", "real"),
    ("sspolattention", "complex"),
]


def drawn(space: str, domain: str = "real", seed: int = 0) -> tuple[Experiment, Program, Genotype]:
    own = "affine=true" if space == "darts" else f"domain={domain}"
    experiment = small(space, "darts", own, "repeat=1", nodes=3)
    program = experiment.evaluation
    return experiment, program, random_genotype(program, seed)


def removed_channels(network: MaskedNetwork) -> set[Channel]:
    return {
        (place, part) for place, parts in network.removed.items() for part in parts if isinstance(part, int)
    }


def masked_by(
    program: Program, genotype: Genotype, removed: Mapping[str, Iterable[Part]], of: str = "nodes"
) -> MaskedNetwork:
    """The masked network of a genotype, with stirred weights and masks of 0 and 1."""
    network = MaskedNetwork(program, genotype, 0, of).double()
    stir(network, 1)
    for place, parts in network.parts.items():
        gone = {*removed.get(place, ())}
        mask = [float(part not in gone) for part in parts]
        network.masks[place].data = torch.tensor(mask, dtype=torch.float64)
    return network


def agree(experiment: Experiment, program: Program, genotype: Genotype, network: MaskedNetwork) -> None:
    own = validate(replace(genotype, positions=network.positions), program)
    pruned = PrunedNetwork(program, own, 9).double()
    weights = network.state_dict()
    channels = removed_channels(network)
    whole = PrunedNetwork(program, genotype, 9).network
    pruned.load_state_dict(inherited(pruned, weights, whole, ties_of(program, genotype), channels))
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
    some_removed_at_random("nodes", space, domain, seed)


@pytest.mark.parametrize(("space", "domain"), SPACES[::3])
def test_masks_of_0_and_1_are_the_network_without_edges(space: str, domain: str) -> None:
    some_removed_at_random("edges", space, domain, 2)


@pytest.mark.parametrize(("space", "domain"), SPACES)
def test_masks_of_0_and_1_are_the_network_without_channels(space: str, domain: str) -> None:
    some_removed_at_random("channels", space, domain, 1)


def test_each_cell_may_lose_all_its_channels_but_the_first() -> None:
    """And one with norms that shift what is 0."""
    experiment, program, genotype = drawn("darts", seed=1)
    for place, parts in parts_at(program, genotype, "channels").items():
        network = masked_by(program, genotype, {place: parts}, "channels")
        for name, parameter in network.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.normal_(parameter)
        assert removed_channels(network) == {(place, part) for part in parts[1:]}
        agree(experiment, program, genotype, network)


def some_removed_at_random(of: str, space: str, domain: str, seed: int) -> None:
    experiment, program, genotype = drawn(space, domain, seed)
    chance = random.Random(seed)
    removed: dict[str, set[Part]] = {}
    for place, part in instances(program, genotype, of):
        if chance.random() < 0.5:
            removed.setdefault(place, set()).add(part)
    agree(experiment, program, genotype, masked_by(program, genotype, removed, of))


def test_masks_of_1_are_the_whole_network() -> None:
    experiment, program, genotype = drawn("ss1")
    network = masked_by(program, genotype, {})
    assert network.positions == ()
    assert set(PrunedNetwork(program, genotype, 0).state_dict()) == set(network.state_dict())
    agree(experiment, program, genotype, network)


@pytest.mark.parametrize("of", ["nodes", "edges"])
@pytest.mark.parametrize("number", range(6))
def test_a_cell_may_lose_all_its_nodes(number: int, of: str) -> None:
    experiment, program, genotype = drawn("ss1")
    found = parts_at(program, genotype, of)
    assert len(found) == 6
    place = [*found][number]
    network = masked_by(program, genotype, {place: found[place]}, of)
    assert network.positions[0].removed == parts_at(program, genotype, "nodes")[place]
    agree(experiment, program, genotype, network)
    a_signal_flows(experiment, network)


def test_a_signal_flows_through_a_network_without_any_node() -> None:
    experiment, program, genotype = drawn("ss1")
    network = masked_by(program, genotype, parts_at(program, genotype, "nodes"))
    agree(experiment, program, genotype, network)
    a_signal_flows(experiment, network)


def a_signal_flows(experiment: Experiment, network: MaskedNetwork) -> None:
    logits = network.train()(batch(experiment, dtype=torch.float64)[0])
    assert not torch.allclose(logits[0], logits[1])


@pytest.mark.parametrize("of", PARTS)
def test_the_gradient_of_a_mask_is_how_the_logits_move(of: str) -> None:
    experiment, program, genotype = drawn("ss1", seed=3)
    network = masked_by(program, genotype, {}, of).eval()
    x, _ = batch(experiment, dtype=torch.float64)
    name = "network/normal_2"
    mask = network.masks[name]
    mask.data = torch.full_like(mask, 0.7)
    network(x).square().sum().backward()
    assert mask.grad is not None
    step = 1e-6
    for part in range(len(mask)):
        sides = []
        for sign in (1, -1):
            mask.data[part] += sign * step
            with torch.no_grad():
                sides.append(float(network(x).square().sum()))
            mask.data[part] -= sign * step
        assert float(mask.grad[part]) == pytest.approx((sides[0] - sides[1]) / (2 * step), rel=1e-4, abs=1e-6)
