"""Lowering: a one-hot supernet is the pruned network, and modules keep to the types of the graph."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from small import (
    METHODS,
    SPACES,
    batch,
    copy_matching,
    one_hot,
    program_of,
    random_genotype,
    random_weights,
    small,
    stir,
)
from strategies import SpaceText, concrete_program, spaces, spectrograms
from torch import Tensor, nn

from dslnas.lower.fold import folded_weights
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.schedule import folded_name
from dslnas.lower.supernet import MIXING, Supernet
from dslnas.lower.walk import Chosen, Everything, WithDeadEdges, cost
from dslnas.prune import strongest_options
from dslnas.tensortype import TensorType


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("seed", range(2))
def test_a_one_hot_supernet_is_the_pruned_network(space: str, seed: int) -> None:
    experiment = small(space, "darts", nodes=3)
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
    found = dict(supernet.named_parameters())
    for name, parameter in pruned.named_parameters():
        torch.testing.assert_close(found[name].grad, parameter.grad, rtol=1e-10, atol=1e-10)


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


@pytest.mark.parametrize("space", SPACES)
def test_every_value_has_the_shape_of_its_type(space: str) -> None:
    experiment = small(space, "darts", "repeat=1")
    program = program_of(experiment)
    network = GraphModule(program.network, program, Everything())
    checked = _check_shapes(network, program.network.name, program)
    x, _ = batch(experiment, 2)
    weights = {id: w.detach() for id, w in random_weights(program, 0, torch.float32).items()}
    network([x], weights)
    assert len(checked) == sum(1 for _ in network.modules() if not list(_.children()) and _ is not network)


def _check_shapes(module: GraphModule, name: str, program, checked: list[str] | None = None) -> list[str]:  # type: ignore[no-untyped-def]
    checked = [] if checked is None else checked
    graph = program.network if name == "network" else program.cells[name]
    for instruction in module.instructions:
        if instruction.kind not in ("primitive", "call"):
            continue
        node, part = graph[instruction.target], module.parts[instruction.module]

        def hook(_: nn.Module, __: object, output: Tensor, shape: tuple[int, ...] = node.type.shape) -> None:
            assert tuple(output.shape[1:]) == shape
            checked.append("")

        if instruction.kind == "call":
            _check_shapes(part, node.cell, program, checked)  # type: ignore[arg-type]
        else:
            part.register_forward_hook(hook)
    return checked


def test_modules_hold_as_many_parameters_as_the_cost_says() -> None:
    for space in SPACES:
        experiment = small(space, "darts", nodes=3)
        program, genotype = program_of(experiment), random_genotype(program_of(experiment), 3)
        supernet = Supernet(program, experiment.method, 0)
        assert _count(supernet.network) == cost(program, Everything()).params
        live = cost(program, Chosen.of(genotype)).params
        assert _count(PrunedNetwork(program, genotype, 0)) == live
        uniform = {id: [0.0] * len(point.options) for id, point in program.choices.items()}
        options = {**strongest_options(program, uniform), **Chosen.of(genotype).options}
        dead = WithDeadEdges(options, Chosen.of(genotype).sources)
        assert live <= cost(program, dead).params == _count(GraphModule(program.network, program, dead))


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_the_seed_decides_the_weights() -> None:
    experiment = small()
    program, genotype = program_of(experiment), random_genotype(program_of(experiment), 0)
    torch.manual_seed(1)
    first = PrunedNetwork(program, genotype, 5).state_dict()
    torch.manual_seed(2)
    again, other = PrunedNetwork(program, genotype, 5), PrunedNetwork(program, genotype, 6)
    assert all(torch.equal(first[name], value) for name, value in again.state_dict().items())
    assert any(not torch.equal(first[name], value) for name, value in other.state_dict().items())


def test_mixing_folded_into_sums_changes_no_number_and_no_gradient() -> None:
    for space in ("ss1", "sspolattention"):
        experiment = small(space, "darts", nodes=3)
        program = program_of(experiment)
        plain = GraphModule(program.network, program, Everything()).double()
        folding = GraphModule(program.network, program, Everything(), fold=True).double()
        assert folding.all_folded() == set(program.selections)
        assert sum(len(part.instructions) for part in _graphs(folding)) < sum(
            len(part.instructions) for part in _graphs(plain)
        )
        folding.load_state_dict(plain.state_dict())
        x, _ = batch(experiment, dtype=torch.float64)
        results = []
        for network in (plain, folding):
            weights = random_weights(program, 1)
            extra = folded_weights(program.selections, folding.all_folded(), weights)
            out = network([x], weights | extra)
            results.append(
                [out, *torch.autograd.grad(out.square().sum(), [*weights.values(), *network.parameters()])]
            )
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(spaces(), spectrograms())
def test_what_is_folded_has_its_weights(space: SpaceText, input: TensorType) -> None:
    """Edges that end with a choice are folded, others are not; either way they are mixed."""
    with tempfile.TemporaryDirectory() as folder:
        program = concrete_program(space.resolve(Path(folder)), space.channels, input)
    with torch.device("meta"):
        folding = GraphModule(program.network, program, Everything(), fold=True)
        weights = {id: torch.empty(len(point.options)) for id, point in program.choices.items()}
        weights |= {id: torch.empty(len(one.sources)) for id, one in program.selections.items()}
        extra = folded_weights(program.selections, folding.all_folded(), weights)
        out = folding([torch.empty(2, *input.shape)], weights | extra)
    assert out.shape == (2, *program.network.output.type.shape)
    edges = {id: one.edges for id, one in program.selections.items()}
    assert folding.all_folded() <= {id for id, points in edges.items() if all(points)}


def _graphs(module: GraphModule) -> list[GraphModule]:
    return [part for part in module.modules() if isinstance(part, GraphModule)]


def test_a_pruned_network_folds_nothing() -> None:
    experiment = small()
    network = PrunedNetwork(program_of(experiment), random_genotype(program_of(experiment), 0), 0).network
    assert network.all_folded() == set()
    assert all(
        step.weights != folded_name(step.target) for part in _graphs(network) for step in part.instructions
    )


def test_mixing_functions_are_those_that_methods_may_name() -> None:
    from dslnas.method import MIXINGS

    assert set(MIXING) == set(MIXINGS)
