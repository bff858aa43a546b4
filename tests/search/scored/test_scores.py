"""Scores of parts: each is of what it says, and follows from the network and the seed alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from small import batch, random_genotype, small

from dslnas.base.diagnostics import DslnasError
from dslnas.data.features import Split
from dslnas.ir.genotype import Edge, Genotype, Node
from dslnas.ir.positions import ties_of
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.adversarial import PARTS
from dslnas.prune.parts import instances
from dslnas.search.scored.scores import RIVALS, Trained, drawn, magnitude, norm_scale, taylor


def trained(
    space: str = "ss1", seed: int = 0, *settings: str, skips: bool = False, of: str = "nodes"
) -> Trained:
    experiment = small(space, "darts", "repeat=0", *settings, nodes=2)
    program = experiment.evaluation
    genotype = with_skips(random_genotype(program, 1)) if skips else random_genotype(program, 1)
    x, labels = batch(experiment, 6)
    split = Split(x, x, labels, ["a"] * 6, [], [])
    network = PrunedNetwork(program, genotype, seed)
    return Trained(program, genotype, network, split, 4, seed, torch.device("cpu"), of)


def with_skips(genotype: Genotype) -> Genotype:
    """The first node of each cell has a skip alone."""
    cells = tuple(
        replace(cell, nodes=(Node(cell.nodes[0].name, (Edge("b", "avg_pool_3x3"),)), *cell.nodes[1:]))
        for cell in genotype.cells
    )
    return replace(genotype, cells=cells)


@pytest.mark.parametrize("of", PARTS)
@pytest.mark.parametrize("name", ["random", "l1", "taylor"])
def test_every_part_has_a_score_and_always_the_same(name: str, of: str) -> None:
    one = trained(of=of)
    scores = RIVALS[name](one)
    assert list(scores) == instances(one.program, one.genotype, of)
    assert scores == RIVALS[name](trained(of=of))
    assert all(score >= 0 for score in scores.values()) and len(set(scores.values())) > 1


def test_another_seed_draws_others() -> None:
    assert drawn(trained(seed=0)) != drawn(trained(seed=1))


def test_a_node_without_weights_has_no_magnitude() -> None:
    one = trained(skips=True)
    scores = magnitude(one)
    assert all((score == 0) == (node == "n1") for (_, node), score in scores.items() if node == "n1")
    doubled = trained(skips=True)
    with torch.no_grad():
        for parameter in doubled.network.parameters():
            parameter.mul_(2)
    assert magnitude(doubled) == pytest.approx({key: 2 * score for key, score in scores.items()})


def test_norms_have_a_scale_where_the_space_gives_them_one() -> None:
    with pytest.raises(DslnasError, match="no batch norm in the cells") as caught:
        norm_scale(trained())
    assert caught.value.diagnostics[0].code == "N0603"
    scores = norm_scale(trained("darts", 0, "affine=true"))
    assert set(scores.values()) <= {0.0, 1.0} and any(scores.values())


def test_a_channel_with_small_weights_has_a_small_score() -> None:
    """Filters and scales of one channel are made small wherever a cell makes it."""
    one = trained("darts", 0, "affine=true", of="channels")
    place, unit = "network/reduction_1", 1
    labels = ties_of(one.program, one.genotype).labels["reduction_1"]
    parts = one.network.network.parts["reduction_1"].get_submodule("parts")
    for name, part in parts.named_children():
        for number, label in enumerate(labels.get(name, ())):
            for weight in part.parameters() if label == (place, unit) else ():
                with torch.no_grad():
                    weight[number] *= 0.01
    for rank in (magnitude, norm_scale):
        scores = {part: score for (at, part), score in rank(one).items() if at == place}
        assert min(scores, key=lambda part: scores[part]) == unit


def test_a_node_that_nothing_reads_has_no_gradient() -> None:
    """Where the last layer is 0, no node changes the loss."""
    one = trained()
    with torch.no_grad():
        for name, parameter in one.network.named_parameters():
            if "linear" in name:
                parameter.zero_()
    assert set(taylor(one).values()) == {0.0}
