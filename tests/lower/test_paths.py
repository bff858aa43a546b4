"""A path of a sampled supernet computes what the pruned network computes, and nothing else."""

from __future__ import annotations

import random

import pytest
import torch
from small import batch, copy_matching, program_of, random_genotype, small, stir
from torch import nn

from dslnas.ir.analysis.extent import AS_THE_SPACE
from dslnas.ir.walk import Chosen
from dslnas.lower.network import GraphModule
from dslnas.lower.paths import ROUTES, SampledSupernet
from dslnas.lower.pruned import PrunedNetwork
from dslnas.search.sampled.draws import random_path

EXPERIMENT = small("ss1", "nasc", "repeat=1", nodes=3)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("training", [False, True])
def test_a_path_is_its_pruned_network(seed: int, training: bool) -> None:
    program = program_of(EXPERIMENT)
    genotype, (x, _) = random_genotype(program, seed), batch(EXPERIMENT)
    supernet, pruned = SampledSupernet(program, seed), PrunedNetwork(program, genotype, 0)
    stir(supernet, seed)
    copy_matching(supernet, pruned)
    supernet.train(training), pruned.train(training)
    with torch.no_grad():
        assert torch.equal(supernet(x, Chosen.of(genotype)), pruned(x))


def test_nothing_beside_the_path_is_computed() -> None:
    program = program_of(EXPERIMENT)
    supernet, (x, _) = SampledSupernet(program, 0), batch(EXPERIMENT)
    path = random_path(program, AS_THE_SPACE, random.Random(1))
    run: list[nn.Module] = []
    leaves = [m for m in supernet.modules() if not isinstance(m, GraphModule | SampledSupernet)]
    for leaf in leaves:
        leaf.register_forward_hook(lambda module, *_: run.append(module))
    supernet(x, path).sum().backward()
    on_path = list(supernet.parts_on(path))
    assert len(on_path) == len(set(on_path)) < len(leaves) / 3
    assert set(run) == {inner for part in on_path for inner in part.modules()}
    trained = {parameter for parameter in supernet.parameters() if parameter.grad is not None}
    assert trained == {parameter for part in on_path for parameter in part.parameters()}


def test_latest_routes_are_remembered_and_no_more() -> None:
    program = program_of(EXPERIMENT)
    supernet, chance = SampledSupernet(program, 0), random.Random(0)
    paths = [random_path(program, AS_THE_SPACE, chance) for _ in range(ROUTES + 1)]
    first, second = supernet.route(paths[0]), supernet.route(paths[1])
    assert supernet.route(Chosen(dict(paths[0].options), dict(paths[0].sources))) is first
    for path in paths[2:]:
        supernet.route(path)
    assert supernet.route(paths[0]) is first
    assert supernet.route(paths[1]) is not second
