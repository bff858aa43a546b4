"""Lowering: a one-hot supernet is the pruned network, and modules keep to the types of the graph."""

from __future__ import annotations

import pytest
import torch
from small import (
    METHODS,
    SPACES,
    batch,
    copy_matching,
    gradients,
    one_hot,
    program_of,
    random_genotype,
    small,
    stir,
)

from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import MIXING_FUNCTIONS, Supernet

DOMAINS = [*((space, "real") for space in SPACES), ("ss1", "complex"), ("sspolasym4", "complex")]


@pytest.mark.parametrize(("space", "domain"), DOMAINS)
@pytest.mark.parametrize("seed", range(2))
def test_a_one_hot_supernet_is_the_pruned_network(space: str, domain: str, seed: int) -> None:
    experiment = small(space, "darts", f"domain={domain}", nodes=3)
    program = program_of(experiment)
    genotype = random_genotype(program, seed)
    for dtype, tolerance in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        supernet = Supernet(program, experiment.method, seed).to(dtype)
        stir(supernet, seed)
        pruned = PrunedNetwork(program, genotype, seed + 100).to(dtype)
        copy_matching(supernet, pruned)
        x, _ = batch(experiment, dtype=dtype)
        weights = one_hot(program, genotype, dtype)
        for training in (False, True):  # training comes last: it changes the running statistics
            supernet.train(training)
            pruned.train(training)
            torch.testing.assert_close(supernet(x, weights), pruned(x), rtol=tolerance, atol=tolerance)


def test_a_one_hot_supernet_passes_the_gradients_of_the_pruned_network() -> None:
    experiment = small("sspolasym5", "darts", nodes=3)
    program, genotype = program_of(experiment), random_genotype(program_of(experiment), 7)
    supernet = Supernet(program, experiment.method, 0).double()
    pruned = PrunedNetwork(program, genotype, 1).double()
    copy_matching(supernet, pruned)
    x, _ = batch(experiment, dtype=torch.float64)
    supernet(x, one_hot(program, genotype)).square().sum().backward()
    pruned(x).square().sum().backward()
    found = gradients(supernet)
    for name, gradient in gradients(pruned).items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_mixing_functions_are_applied(method: str) -> None:
    experiment = small("ss1", method)
    supernet = Supernet(program_of(experiment), experiment.method, 0)
    architecture = supernet.architecture
    with torch.no_grad():
        for parameter in architecture.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    for what, mixed, matrices, rows in (
        ("candidates", architecture.mixed_alpha(), architecture.alpha, architecture.alpha_rows),
        ("edges", architecture.mixed_gamma(), architecture.gamma, architecture.gamma_rows),
    ):
        name = experiment.method.mixing[what]
        for size, ids in rows.items():
            for row, id in enumerate(ids):
                logits = matrices[size][row]
                if name == "softmax":
                    expected = logits.exp() / logits.exp().sum()
                else:
                    expected = 1 / (1 + (-logits).exp())
                torch.testing.assert_close(mixed[id], expected)
    x, _ = batch(experiment)
    supernet.eval()
    weights = architecture.mixed_alpha() | architecture.mixed_gamma()
    torch.testing.assert_close(supernet(x), supernet(x, weights))


def test_a_shift_of_logits_matters_to_a_sigmoid_alone() -> None:
    for method, same in (("darts", True), ("fairdarts", False)):
        experiment = small("ss1", method)
        supernet = Supernet(program_of(experiment), experiment.method, 0).eval()
        x, _ = batch(experiment)
        before = supernet(x)
        with torch.no_grad():
            for parameter in supernet.architecture.parameters():
                parameter.add_(3.0)
        assert torch.allclose(before, supernet(x), rtol=1e-4, atol=1e-5) == same


def test_mixing_functions_are_those_that_methods_may_name() -> None:
    from dslnas.methods.loss import MIXINGS

    assert set(MIXING_FUNCTIONS) == set(MIXINGS["candidates"])
    assert set(MIXINGS["edges"]) - set(MIXING_FUNCTIONS) == {"joint", "sum"}
