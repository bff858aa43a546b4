"""Small experiments, genotypes and batches for tests of what comes after the language."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from dslnas.data.features import Split
from dslnas.elaborate.space import Setup, build
from dslnas.ir.genotype import Cell, Edge, Genotype, Node
from dslnas.ir.graph import Program
from dslnas.prune.prune import strongest_options
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

SPACES = ("ss1", "sspolasym4", "sspolasym5", "sspolattention")
METHODS = ("darts", "fairdarts", "forcedarts")


@cache
def small(space: str = "ss1", method: str = "darts", *overrides: str, nodes: int = 2) -> Experiment:
    """An experiment on `fsdd` with few nodes and channels; its data is never read."""
    sizes = (f"nodes={nodes}", "channels=4", "repeat=0", f"method={method}")
    return load(space, Request(data="fsdd", overrides=(*sizes, *overrides)))


_PROGRAMS: dict[int, tuple[Experiment, Program]] = {}


def program_of(experiment: Experiment) -> Program:
    """The program of the supernet, built once for each experiment."""
    if id(experiment) not in _PROGRAMS:
        _PROGRAMS[id(experiment)] = (experiment, experiment.supernet)
    return _PROGRAMS[id(experiment)][1]


def unshared(experiment: Experiment) -> Program:
    """The supernet's program as it is built, before any pass."""
    stage = experiment.settings.search
    setup = Setup(stage.parameters, experiment.frontend.output, len(experiment.classes))
    program, _ = build(experiment.space, experiment.definitions.ops, setup)
    assert program is not None
    return program


def random_genotype(program: Program, seed: int) -> Genotype:
    """A genotype of the space, with every choice drawn at random."""
    chance = random.Random(seed)
    cells = []
    for kind in program.kinds.values():
        nodes = []
        for name in kind.nodes:
            selection = program.selections[f"{kind.name}/{name}"]
            kept = sorted(chance.sample(range(len(selection.sources)), selection.keep))
            edges = tuple(
                Edge(selection.sources[p], chance.choice(program.choices[selection.edges[p]].remaining))
                for p in kept
            )
            nodes.append(Node(name, edges))
        cells.append(Cell(kind.name, kind.inputs, tuple(nodes), kind.output))
    free = [(id, point.options) for id, point in program.choices.items() if not point.node]
    choices = tuple((id, chance.choice(options)) for id, options in free)
    return Genotype(program.space, "sha256:0", "darts", tuple(cells), choices)


def one_hot(program: Program, genotype: Genotype, dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """The mixed weights that say exactly what a genotype says; dropped edges take their first candidate."""
    uniform = {id: [0.0] * len(point.options) for id, point in program.choices.items()}
    options = {**strongest_options(program, uniform), **dict(genotype.choices)}
    weights: dict[str, Tensor] = {}
    for cell in genotype.cells:
        for node in cell.nodes:
            selection = program.selections[f"{cell.name}/{node.name}"]
            kept = {edge.source: edge.operation for edge in node.edges}
            weights[selection.id] = torch.tensor([float(s in kept) for s in selection.sources], dtype=dtype)
            for source, edge in zip(selection.sources, selection.edges, strict=True):
                options[edge] = kept.get(source, options[edge])
    for id, point in program.choices.items():
        weights[id] = torch.tensor([float(o == options[id]) for o in point.options], dtype=dtype)
    return weights


def random_weights(program: Program, seed: int, dtype: torch.dtype = torch.float64) -> dict[str, Tensor]:
    """Positive mixed weights drawn at random, as leaves that take gradients."""
    generator = torch.Generator().manual_seed(seed)
    sizes = {id: len(point.options) for id, point in program.choices.items()}
    sizes |= {id: len(selection.sources) for id, selection in program.selections.items()}
    return {
        id: torch.rand(size, generator=generator, dtype=dtype).requires_grad_() for id, size in sizes.items()
    }


def batch(experiment: Experiment, clips: int = 4, seed: int = 0, **more: Any) -> tuple[Tensor, Tensor]:
    """Noise in place of features (N, C, F, T), and labels (N,)."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(clips, *experiment.frontend.output.stored, generator=generator, **more)
    return x, torch.arange(clips) % len(experiment.classes)


def copy_matching(source: nn.Module, target: nn.Module) -> None:
    """Load what two modules have in common by name; `source` must hold all of `target`."""
    state = source.state_dict()
    target.load_state_dict({name: state[name] for name in target.state_dict()})


def stir(module: nn.Module, seed: int) -> None:
    """Give running statistics values that are not those of a new network."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in module.named_buffers():
        if name.endswith(("running_mean", "running_var")):
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
        if name.endswith("running_cov"):
            value.copy_(torch.rand(value.shape, generator=generator) / 2)


def gradients(module: nn.Module) -> dict[str, Tensor]:
    """The gradients of all parameters after `backward`, by the names that the `state_dict` gives them."""
    values = {parameter: parameter.data for parameter in module.parameters()}
    for parameter, value in values.items():  # for a moment they stand in the place of the values
        parameter.data = torch.zeros_like(value) if parameter.grad is None else parameter.grad
    named = {name: value.clone() for name, value in module.state_dict().items()}
    for parameter, value in values.items():
        parameter.data = value
    buffers = ("running_mean", "running_var", "running_cov", "tracked")
    return {name: value for name, value in named.items() if not name.endswith(buffers)}


def split_of(features: Tensor, labels: list[int]) -> Split:
    waves = torch.zeros(len(labels), 4, dtype=torch.int16)
    return Split(waves, features, torch.tensor(labels), [f"{i}.wav" for i in range(len(labels))])
