"""Lowers a graph to a torch module: the walk of `ir/walk.py`, with a module at every primitive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn

from ..base.diagnostics import DslnasError
from ..ir.analysis.polynomial_layers import PolynomialLayers
from ..ir.graph import Graph, Program
from ..ir.primitives import REGISTRY
from ..ir.schedule import Instruction, Route, cell_kind, instructions, part_name
from ..ir.walk import Policy, Step, walk
from .blend import Blend, FlatWeights
from .dropout import Dropout
from .lanes import split_lanes
from .modules.builders import module_of
from .modules.weighted_sum import weighted_sum
from .recompute import computed_again

# The mixed weights of every choice point and of every selection, by id; None in a pruned network.
Weights = Mapping[str, Tensor] | None


class GraphModule(nn.Module):
    """A graph, lowered under a policy. Inputs are (N, channels, frequency, time), one for each input node."""

    def __init__(self, graph: Graph, program: Program, policy: Policy) -> None:
        super().__init__()
        steps = walk(graph, policy)
        self.name, self.graph = graph.name, graph
        self.inputs = tuple(node.id for node in graph if node.kind == "input")
        self.parts = nn.ModuleDict()
        for step in steps:
            if step.node.kind == "primitive":
                self.parts[part_name(step.node.id)] = _primitive(graph, step)
            elif step.node.kind == "call":
                cell = program.cells[step.node.cell]
                self.parts[part_name(step.node.id)] = GraphModule(cell, program, policy)
            elif step.node.kind == "dropout":
                self.parts[part_name(step.node.id)] = Dropout(2 if step.node.type.domain == "complex" else 1)
            elif step.node.kind == "blend":
                self.parts[part_name(step.node.id)] = Blend(
                    step.node, flat_weights(program, cell_kind(step.node))
                )
        self.instructions = instructions(steps)
        self.lanes = {
            part_name(s.node.id): [part_name(lane) for lane in s.node.labels] for s in steps if _packed(s)
        }
        split_lanes(self, self.lanes)

    def forward(
        self, inputs: Sequence[Tensor], weights: Weights = None, route: Route | None = None
    ) -> Tensor:
        """The output of the graph; route: what alone is computed in this call."""
        values: dict[str, Any] = dict(zip(self.inputs, inputs, strict=True))  # of a blend: its sums
        steps = self.instructions if route is None else route.through(self.graph)
        self.advance(steps, values, weights, route)
        output: Tensor = values["output"]
        return output

    def advance(
        self,
        steps: Sequence[Instruction],
        values: dict[str, Any],
        weights: Weights = None,
        route: Route | None = None,
        keep: bool = False,
    ) -> None:
        """Execute consecutive instructions on values by id, and drop those that no later one reads.

        keep: drop none.
        """
        for step in steps:
            read = [values[source] for source in step.sources]
            values[step.target] = self._value(step, read, weights, route)
            if not keep:
                for name in step.last:
                    del values[name]

    def _value(self, step: Instruction, read: list[Any], weights: Weights, route: Route | None) -> Any:
        if step.kind in ("primitive", "dropout"):
            try:
                result = self.parts[step.module](*read)
            except Exception as error:
                told = self._told(step, error)
                if told is None:
                    raise
                raise told from error
        elif step.kind == "call":
            cell = self.parts[step.module]
            arguments = (read, weights, route)
            result = computed_again(cell, *arguments) if step.recompute else cell(*arguments)
        elif step.kind == "blend":
            assert weights is not None, "a blend is of a supernet"
            result = self.parts[step.module](read, weights[step.weights])
        elif step.kind == "target":
            result = read[0][step.lane]
        elif step.kind == "output":
            (result,) = read
        elif weights is not None:
            each = weights[step.weights]
            whole = len(read) == len(each)
            result = weighted_sum(read, each if whole else torch.stack([each[port] for port in step.ports]))
        else:
            result = reduce(torch.add, read)
        return result

    def _told(self, step: Instruction, error: Exception) -> DslnasError | None:
        """What is told of an error in the module of a user's own primitive; None for other errors."""
        names = {part_name(node.id): node.primitive for node in self.graph if node.kind == "primitive"}
        primitive = REGISTRY.get(names.get(step.module, ""))
        passed_on = isinstance(error, torch.OutOfMemoryError | DslnasError)
        if primitive is None or primitive.own_error is None or passed_on:
            return None
        return primitive.own_error("the module", error)

    def blends(self) -> set[str]:
        """The kinds of cells that have blends, here and in the cells called: the names of the flat weights
        that they need.
        """
        graphs = (module for module in self.modules() if isinstance(module, GraphModule))
        return {step.weights for graph in graphs for step in graph.instructions if step.kind == "blend"}


def _primitive(graph: Graph, step: Step) -> nn.Module:
    node = step.node
    inputs = tuple(graph[source].type for source in step.inputs)
    return module_of(REGISTRY[node.primitive], inputs, node.type, dict(node.attributes))


def _packed(step: Step) -> bool:
    return step.node.kind == "primitive" and bool(step.node.labels)


def flat_weights(program: Program, kind: str) -> FlatWeights:
    """The module that computes the weights that the blends of one kind of cell read."""
    selections = [one for one in program.selections.values() if one.cell == kind and all(one.edges)]
    return FlatWeights(selections, {id: len(point.options) for id, point in program.choices.items()})


def polynomial_parameters(module: GraphModule, layers: PolynomialLayers) -> list[nn.Parameter]:
    """The weights of the polynomial layers of a lowered program.

    The lanes of a packed layer all lead to the same operation: either all of them meet in a product or none.
    """
    parameters: list[nn.Parameter] = []
    for graph in (one for one in module.modules() if isinstance(one, GraphModule)):
        names = {part_name(id) for id in layers[graph.name]}
        for name, part in graph.parts.items():
            if names.issuperset(graph.lanes.get(name, [name])):
                parameters += part.parameters()
    return parameters


def initialise(module: nn.Module, seed: int) -> None:
    """Initialise all weights as torch's layers do, from this seed and in the order of the modules."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
