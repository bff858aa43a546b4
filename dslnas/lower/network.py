"""Graphs as torch modules: the walk of `walk.py` with a module at every primitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..graph import Graph, Program
from ..primitives import REGISTRY
from ..primitives.modules import weighted_sum
from .walk import Policy, Step, walk

# The mixed weights of every choice point and of every selection, by id; None in a pruned network.
Weights = Mapping[str, Tensor] | None


@dataclass(frozen=True)
class Instruction:
    """One step with all that the forward pass needs; `last` are the values that nobody reads afterwards."""

    target: str
    kind: str
    sources: tuple[str, ...]
    choice: str
    module: str
    last: tuple[str, ...]


class GraphModule(nn.Module):
    """A graph, lowered under a policy. Inputs are (N, channels, frequency, time), one for each input node."""

    def __init__(self, graph: Graph, program: Program, policy: Policy) -> None:
        super().__init__()
        steps = walk(graph, policy)
        self.inputs = tuple(node.id for node in graph if node.kind == "input")
        self.parts = nn.ModuleDict()
        for step in steps:
            if step.node.kind == "primitive":
                self.parts[_key(step.node.id)] = _primitive(graph, step)
            elif step.node.kind == "call":
                self.parts[_key(step.node.id)] = GraphModule(program.cells[step.node.cell], program, policy)
        self.instructions = _instructions(steps)

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
            return result
        if step.kind == "call":
            result = self.parts[step.module](read, weights)
            return result
        if step.kind == "output":
            return read[0]
        if weights is not None:
            return weighted_sum(read, weights[step.choice])
        return read[0] if len(read) == 1 else torch.stack(read).sum(0) if len(read) > 2 else read[0] + read[1]


def _key(id: str) -> str:
    """An id as the name of a sub-module, which must not contain a dot."""
    return id.replace(".", "·")


def _primitive(graph: Graph, step: Step) -> nn.Module:
    node = step.node
    inputs = tuple(graph[source].type for source in step.inputs)
    return REGISTRY[node.primitive].build(inputs, node.type, dict(node.attributes))


def _instructions(steps: Sequence[Step]) -> tuple[Instruction, ...]:
    """The steps that compute, and after which of them a value is no longer needed."""
    last_reader = {source: step.node.id for step in steps for source in step.inputs}
    return tuple(
        Instruction(
            target=step.node.id,
            kind=step.node.kind,
            sources=step.inputs,
            choice=step.node.choice,
            module=_key(step.node.id),
            last=tuple(s for s in dict.fromkeys(step.inputs) if last_reader[s] == step.node.id),
        )
        for step in steps
        if step.node.kind != "input"
    )


def initialise(module: nn.Module, seed: int) -> None:
    """The weights as torch's layers draw them, from a seed of their own and in the order of the modules."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
