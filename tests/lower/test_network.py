"""Graphs as modules: they keep to the types and the costs of the graph."""

from __future__ import annotations

import pytest
import torch
from small import (
    SPACES,
    batch,
    program_of,
    random_genotype,
    random_weights,
    small,
)
from torch import Tensor, nn

from dslnas.ir.walk import Chosen, Everything, Path, cost
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.lower.supernet import Supernet
from dslnas.prune.prune import strongest_options


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
