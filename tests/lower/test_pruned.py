"""The pruned network of a genotype."""

from __future__ import annotations

import pytest
import torch
from pixels import SafeStrides
from small import batch, program_of, random_genotype, small
from torch import nn

from dslnas.lower.pruned import PrunedNetwork
from dslnas.runs.load import load
from dslnas.runs.request import Request


def test_the_seed_decides_the_weights() -> None:
    experiment = small()
    program, genotype = program_of(experiment), random_genotype(program_of(experiment), 0)
    torch.manual_seed(1)
    first = PrunedNetwork(program, genotype, 5).state_dict()
    torch.manual_seed(2)
    again, other = PrunedNetwork(program, genotype, 5), PrunedNetwork(program, genotype, 6)
    assert all(torch.equal(first[name], value) for name, value in again.state_dict().items())
    assert any(not torch.equal(first[name], value) for name, value in other.state_dict().items())


@pytest.mark.parametrize("space", ["nasc_baseline", "resnet18", "lenet"])
@pytest.mark.parametrize("half", [False, True])
def test_a_baseline_on_a_cpu_keeps_clear_of_strided_single_pixels(space: str, half: bool) -> None:
    experiment = load(space, Request(data="fsdd"))
    genotype = experiment.only_genotype
    assert genotype is not None
    network, (x, labels) = PrunedNetwork(experiment.evaluation, genotype, 0), batch(experiment)
    with SafeStrides() as safe, torch.autocast("cpu", torch.bfloat16, enabled=half):
        nn.functional.cross_entropy(network(x), labels).backward()
    assert safe.seen
