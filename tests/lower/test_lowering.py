"""Lowering: a one-hot supernet is the pruned network, and modules keep to the types of the graph."""

from __future__ import annotations

import pytest
import torch
from pixels import SafeStrides
from small import (
    METHODS,
    SPACES,
    batch,
    copy_matching,
    gradients,
    one_hot,
    program_of,
    random_genotype,
    random_weights,
    small,
    stir,
)
from torch import Tensor, nn

from dslnas.ir.walk import Chosen, Everything, Path, cost
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import MIXING, Supernet
from dslnas.passes import SUPERNET_PASSES
from dslnas.prune.prune import strongest_options
from dslnas.runs.load import load
from dslnas.search.relaxed.step import RelaxedSearch

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


@pytest.mark.parametrize(("space", "domain"), DOMAINS)
@pytest.mark.parametrize("half", [False, True])
def test_a_step_on_a_cpu_keeps_clear_of_strided_single_pixels(space: str, domain: str, half: bool) -> None:
    """In single and in half precision, with the passes that join layers and without."""
    experiment = small(space, "darts", f"domain={domain}")
    for passes in ((), SUPERNET_PASSES):
        search = RelaxedSearch(
            program_of(experiment), experiment.method, 0, None, torch.device("cpu"), passes
        )
        if half:
            search.use_bfloat16()
        with SafeStrides() as safe:
            search.step(batch(experiment), batch(experiment, seed=1), 0.5)
        assert safe.seen > 20


@pytest.mark.parametrize("space", ["nasc_baseline", "resnet18", "lenet"])
@pytest.mark.parametrize("half", [False, True])
def test_a_baseline_on_a_cpu_keeps_clear_of_strided_single_pixels(space: str, half: bool) -> None:
    experiment = load(space, data="fsdd")
    genotype = experiment.only_genotype
    assert genotype is not None
    network, (x, labels) = PrunedNetwork(experiment.evaluation, genotype, 0), batch(experiment)
    with SafeStrides() as safe, torch.autocast("cpu", torch.bfloat16, enabled=half):
        nn.functional.cross_entropy(network(x), labels).backward()
    assert safe.seen


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
        dead = Path(options)
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


def test_mixing_functions_are_those_that_methods_may_name() -> None:
    from dslnas.methods.method import MIXINGS

    assert set(MIXING) == set(MIXINGS["candidates"])
    assert set(MIXINGS["edges"]) - set(MIXING) == {"joint", "sum"}
