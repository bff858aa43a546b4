"""Random valid spaces: their types are what torch computes, for symbols as for numbers."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SpaceText, concrete_program, spaces, spectrograms, symbolic_program, symbols_of
from torch import nn

from dslnas.check.check import check_file
from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Graph, Program
from dslnas.ir.tensortype import TensorType
from dslnas.ir.verify import verify
from dslnas.ir.walk import Everything, cost
from dslnas.lower.network import GraphModule
from dslnas.lower.pruned import PrunedNetwork
from dslnas.passes import PIPELINE, run_passes
from dslnas.prune.prune import prune
from dslnas.resolve.definitions import Definitions
from dslnas.runs.load import load
from dslnas.runs.request import Request


def resolved(space: SpaceText) -> Definitions:
    with TemporaryDirectory() as folder:
        return space.resolve(Path(folder))


@settings(max_examples=60, deadline=None)
@given(spaces())
def test_drawn_spaces_have_no_errors(space: SpaceText) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.nas"
        path.write_text(space.text)
        assert [d for d in check_file(path) if d.severity == "error"] == []


@settings(max_examples=40, deadline=None)
@given(spaces(), spectrograms())
def test_symbolic_types_bound_to_numbers_are_the_concrete_types(space: SpaceText, input: TensorType) -> None:
    definitions = resolved(space)
    symbolic = verify(symbolic_program(definitions), "build")
    concrete = verify(concrete_program(definitions, space.channels, input), "build")
    values = symbols_of(space.channels, input)
    calls = compare(symbolic.network, concrete.network, values)
    for one, other in calls:
        compare(symbolic.cells[one], concrete.cells[other], values)
    assert symbolic.choices.keys() == concrete.choices.keys()
    assert symbolic.selections == concrete.selections


def compare(symbolic: Graph, concrete: Graph, values: dict[str, int]) -> list[tuple[str, str]]:
    """Assert that two graphs have the same nodes and types; the names of the cells they call, in pairs."""
    pairs = list(zip(symbolic, concrete, strict=True))
    for one, other in pairs:
        assert (one.id, one.kind, one.primitive, one.labels) == (
            other.id, other.kind, other.primitive, other.labels,
        )  # fmt: skip
        assert one.type.bind(values) == other.type
    return [(one.cell, other.cell) for one, other in pairs if one.kind == "call"]


@settings(max_examples=25, deadline=None)
@given(spaces(), spectrograms(), st.integers(0, 2**16))
def test_networks_compute_the_inferred_types(space: SpaceText, input: TensorType, seed: int) -> None:
    """The supernet and a pruned network, run on the meta device: every cell and the logits."""
    program = run_passes(verify(concrete_program(resolved(space), space.channels, input), "build"), PIPELINE)
    with torch.device("meta"):
        x = torch.empty(2, *input.shape)
        weights = {id: torch.empty(len(point.options)) for id, point in program.choices.items()}
        weights |= {id: torch.empty(len(one.sources)) for id, one in program.selections.items()}
        supernet = GraphModule(program.network, program, Everything())
        seen = watch(supernet, program.network)
        assert supernet([x], weights).shape == (2, *program.network.output.type.shape)
        assert parameters(supernet) == cost(program, Everything()).params
        pruned = PrunedNetwork(program, random_genotype(program, seed), 0)
        seen |= watch(pruned.network, program.network)
        assert pruned(x).shape == (2, *program.network.output.type.shape)
    assert all(shape == wanted for shape, wanted in seen.values()), seen


def watch(network: GraphModule, graph: Graph) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """The shapes that cells and layers hand out, beside those of their types, once the network has run."""
    seen: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for name, part in network.parts.items():
        wanted = graph[name.replace("·", ".")].type.shape

        def record(module: nn.Module, args: object, result: torch.Tensor, name: str = name,
                   wanted: tuple[int, ...] = wanted) -> None:  # fmt: skip
            seen[name] = (tuple(result.shape[1:]), wanted)

        part.register_forward_hook(record)
    return seen


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def random_genotype(program: Program, seed: int) -> Genotype:
    chance = random.Random(seed)
    alpha = {id: [chance.random() for _ in point.options] for id, point in program.choices.items()}
    gamma = {id: [chance.random() for _ in one.sources] for id, one in program.selections.items()}
    keep = {id: one.keep for id, one in program.selections.items()}
    return prune(program, alpha, gamma, keep, "sha256:0", "darts")


@pytest.mark.parametrize(("data", "params"), [("sc09", 1_609_370), ("sc35", 3_037_481), ("esc50", 3_039_416)])
def test_the_supernet_of_ss1_has_the_papers_parameters(data: str, params: int) -> None:
    experiment = load("ss1", Request(data=data, preset="paper"))
    assert cost(experiment.supernet, Everything()).params == params
