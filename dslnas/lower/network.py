"""Graphs as torch modules: the walk of `walk.py` with a module at every primitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import torch
from torch import Tensor, nn

from ..graph import Graph, Program
from ..primitives import REGISTRY
from ..primitives.modules import weighted_sum
from .schedule import Instruction, foldable, instructions, part_name
from .walk import Policy, Step, walk

# The mixed weights of every choice point and of every selection, by id; None in a pruned network.
Weights = Mapping[str, Tensor] | None


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
                self.parts[part_name(step.node.id)] = _primitive(graph, step)
            elif step.node.kind == "call":
                cell = program.cells[step.node.cell]
                self.parts[part_name(step.node.id)] = GraphModule(cell, program, policy, fold)
        folds = foldable(steps) if fold else {}
        self.folded = frozenset(step.node.choice for step in steps if step.node.id in folds)
        self.instructions = instructions(steps, folds)

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


def _primitive(graph: Graph, step: Step) -> nn.Module:
    node = step.node
    inputs = tuple(graph[source].type for source in step.inputs)
    return REGISTRY[node.primitive].build(inputs, node.type, dict(node.attributes))


def initialise(module: nn.Module, seed: int) -> None:
    """The weights as torch's layers draw them, from a seed of their own and in the order of the modules."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
