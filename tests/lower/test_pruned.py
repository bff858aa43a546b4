"""The pruned network of a genotype."""

from __future__ import annotations

import torch
from small import (
    program_of,
    random_genotype,
    small,
)

from dslnas.lower.pruned import PrunedNetwork


def test_the_seed_decides_the_weights() -> None:
    experiment = small()
    program, genotype = program_of(experiment), random_genotype(program_of(experiment), 0)
    torch.manual_seed(1)
    first = PrunedNetwork(program, genotype, 5).state_dict()
    torch.manual_seed(2)
    again, other = PrunedNetwork(program, genotype, 5), PrunedNetwork(program, genotype, 6)
    assert all(torch.equal(first[name], value) for name, value in again.state_dict().items())
    assert any(not torch.equal(first[name], value) for name, value in other.state_dict().items())
