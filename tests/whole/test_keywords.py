"""The space of small networks for short words: small, and fair in few paths."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import pytest
import torch

from dslnas.ir.analysis.genes import Genes
from dslnas.ir.walk import Everything, cost, walk
from dslnas.lower.pruned import PrunedNetwork
from dslnas.methods.method import SampledMethod
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.plan import plan
from dslnas.runs.request import Request
from dslnas.search.sampled.draws import Draws


@cache
def keywords(*overrides: str) -> Experiment:
    return load("keywords", Request(data="fsdd", overrides=overrides))


def test_networks_have_5_000_to_280_000_parameters() -> None:
    planned = plan(keywords())
    assert 5_000 <= planned.params.pruned.least < 6_000
    assert 270_000 < planned.params.pruned.most <= 280_000
    assert planned.size > 1e8


def test_twelve_paths_of_a_fair_supernet_give_every_option_its_turn() -> None:
    experiment = keywords("method.supernet=fair")
    method = experiment.method
    assert isinstance(method, SampledMethod)
    paths = Draws(experiment.supernet, method.keeping, method.supernet, 0).at(0)
    assert len(paths) == 12
    genes = Genes.of(experiment.supernet, method.keeping)
    turns: Counter[tuple[str, str]] = Counter()
    for path in paths:
        turns.update((id, path.options[id]) for id in genes.alive(path.options))
    for id, point in experiment.supernet.choices.items():
        counts = {turns[id, option] for option in point.options}
        assert len(counts) == 1, "as many turns for one option as for another"
        assert counts <= {12 // len(point.options), 6 // len(point.options)}


def test_choices_are_of_kernel_direction_expansion_width_and_depth() -> None:
    options = {id.rpartition("_")[0]: point.options for id, point in keywords().supernet.choices.items()}
    assert options["network/listen"] == tuple(
        f"kernel = {kernel}" for kernel in ("(1, 3)", "(3, 1)", "3", "(1, 5)", "(5, 1)", "5")
    )
    assert set(options) == {"network/listen", "network/mix", "network/enter", "network/depth"}


def test_the_network_is_small_to_check() -> None:
    """A blink: so many nodes, and no choice that multiplies another."""
    graph = keywords().supernet.network
    assert sum(1 for _ in walk(graph, Everything())) < 800


@pytest.mark.parametrize("seed", range(4))
def test_a_path_is_built_with_the_parameters_of_its_plan(seed: int) -> None:
    experiment = keywords()
    genes = Genes.of(experiment.supernet, experiment.method.keeping)
    candidate = genes.draw(Random(seed))
    genotype = genes.genotype(candidate, experiment.space_hash, "sketch")
    with torch.device("meta"):
        network = PrunedNetwork(experiment.evaluation, genotype, 0)
        assert network(torch.empty(2, 1, 32, 32)).shape == (2, 10)
    own = cost(experiment.evaluation, genes.policy(candidate))
    assert sum(parameter.numel() for parameter in network.parameters()) == own.params
    convolutions = [one for one in network.modules() if isinstance(one, torch.nn.Conv2d)]
    assert all(one.bias is None for one in convolutions)
