"""Graphs as torch modules: the walk of `walk.py` with a module at every primitive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import torch
from torch import Tensor, nn

from ..graph import Graph, Program
from ..primitives import REGISTRY
from ..primitives.modules import weighted_sum
from .fold import foldable, folded_name
from .walk import Policy, Step, walk

# The mixed weights of every choice point and of every selection, by id; None in a pruned network.
Weights = Mapping[str, Tensor] | None


@dataclass(frozen=True)
class Instruction:
    """One step with all that the forward pass needs; `last` are the values that nobody reads afterwards.

    weights: under which name the weights of a mix or a sum are found.
    """

    target: str
    kind: str
    sources: tuple[str, ...]
    weights: str
    module: str
    last: tuple[str, ...] = ()


class GraphModule(nn.Module):
    """A graph, lowered under a policy. Inputs are (N, channels, frequency, time), one for each input node.

    fold: take mixes into the sums that read them (`fold.py`), where mixed weights are given.
    """

    def __init__(self, graph: Graph, program: Program, policy: Policy, fold: bool = False) -> None:
        super().__init__()
        steps = walk(graph, policy)
        self.inputs = tuple(node.id for node in graph if node.kind == "input")
        self.parts = nn.ModuleDict()
        for step in steps:
            if step.node.kind == "primitive":
                self.parts[_key(step.node.id)] = _primitive(graph, step)
            elif step.node.kind == "call":
                cell = program.cells[step.node.cell]
                self.parts[_key(step.node.id)] = GraphModule(cell, program, policy, fold)
        folds = foldable(steps) if fold else {}
        self.folded = frozenset(step.node.choice for step in steps if step.node.id in folds)
        self.instructions = _instructions(steps, folds)

    def forward(self, inputs: Sequence[Tensor], weights: Weights = None) -> Tensor:
        values: dict[str, Tensor] = dict(zip(self.inputs, inputs, strict=True))
        for step in self.instructions:
            read = [values[source] for source in step.sources]
            values[step.target] = self._value(step, read, weights)
            for name in step.last:
                del values[name]
        return values["output"]

    def _value(self, step: Instruction, read: list[Tensor], weights: Weights) -> Tensor:
        if step.kind == "primitive":
            result: Tensor = self.parts[step.module](*read)
        elif step.kind == "call":
            result = self.parts[step.module](read, weights)
        elif step.kind == "output":
            (result,) = read
        elif weights is not None:
            result = weighted_sum(read, weights[step.weights])
        else:
            result = reduce(torch.add, read)
        return result

    def all_folded(self) -> set[str]:
        """The selections whose sums are folded, here and in the cells."""
        graphs = (module for module in self.modules() if isinstance(module, GraphModule))
        return {id for graph in graphs for id in graph.folded}


def _key(id: str) -> str:
    """An id as the name of a sub-module, which must not contain a dot."""
    return id.replace(".", "·")


def _primitive(graph: Graph, step: Step) -> nn.Module:
    node = step.node
    inputs = tuple(graph[source].type for source in step.inputs)
    return REGISTRY[node.primitive].build(inputs, node.type, dict(node.attributes))


def _instructions(steps: Sequence[Step], folds: Mapping[str, tuple[Step, ...]]) -> tuple[Instruction, ...]:
    """The steps that compute, and after which of them a value is no longer needed."""
    made = list(_computing(steps, folds))
    last_reader = {source: one.target for one in made for source in one.sources}

    def last(one: Instruction) -> tuple[str, ...]:
        return tuple(s for s in dict.fromkeys(one.sources) if last_reader[s] == one.target)

    return tuple(replace(one, last=last(one)) for one in made)


def _computing(steps: Sequence[Step], folds: Mapping[str, tuple[Step, ...]]) -> Iterator[Instruction]:
    folded_away = {mix.node.id for mixes in folds.values() for mix in mixes}
    for step in steps:
        node = step.node
        if node.kind == "input" or node.id in folded_away:
            continue
        sources, weights = step.inputs, node.choice
        if node.id in folds:
            sources = tuple(source for mix in folds[node.id] for source in mix.inputs)
            weights = folded_name(node.choice)
        yield Instruction(node.id, node.kind, sources, weights, _key(node.id))


def initialise(module: nn.Module, seed: int) -> None:
    """The weights as torch's layers draw them, from a seed of their own and in the order of the modules."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
