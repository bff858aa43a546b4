"""What a step of the search holds at its peak; free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from ..experiment import Experiment
from ..graph import Graph, Program
from ..lower.walk import Everything, cost

# What training holds of the size of the weights, beside them: the gradient, what the optimizer keeps.
_COPIES: Mapping[str, int] = {"sgd": 2, "adam": 3, "adamw": 3}
_BYTES = {"float32": 4, "bfloat16": 2}


@dataclass(frozen=True)
class Memory:
    """An estimate, in bytes, of what a step of the search holds at its peak.

    activations: every value of the graph once, for a batch, as the backward pass needs it.
    weights: the weights, their gradients and what the optimizer keeps.
    """

    activations: int
    weights: int

    @property
    def total(self) -> int:
        return self.activations + self.weights


def memory(experiment: Experiment, supernet: Program) -> Memory:
    """What a step of the search holds at its peak, in bytes.

    An estimate: that each value of the graph is kept once for the backward pass is what most layers do; the
    workspace of the kernels and the data come on top of it.
    """
    values = _values(supernet) * experiment.settings.search.batch
    weights = cost(supernet, Everything()).params
    copies = 1 + _COPIES[experiment.method.weights.name]
    return Memory(values * _BYTES[experiment.settings.precision], weights * copies * _BYTES["float32"])


def _values(program: Program) -> int:
    """The numbers that the supernet computes for one example."""

    def of_graph(graph: Graph) -> int:
        held = (node for node in graph if node.kind in ("primitive", "mix", "sum"))
        return sum(prod(node.type.shape) for node in held)

    called = program.network.of_kind("call")
    return of_graph(program.network) + sum(of_graph(program.cells[node.cell]) for node in called)
