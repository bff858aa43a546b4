"""Schedules a lowered graph: its instructions in order of execution, with the last use of each value.

A memory plan follows a training step along these instructions without executing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .graph import Graph, GraphNode, recomputed
from .walk import Policy, Step, walk


@dataclass(frozen=True)
class Instruction:
    """One instruction of the forward pass.

    weights: the name of the weights of a mix, a sum or a blend. lane: the sum of a blend that a target takes.
    ports: the inputs of a mix or a sum that remain. recompute: save nothing for the backward pass and compute
    the values again there. last: the values that no later instruction reads.
    """

    target: str
    kind: str
    sources: tuple[str, ...]
    weights: str
    module: str
    lane: int = 0
    recompute: bool = False
    ports: tuple[int, ...] = ()
    last: tuple[str, ...] = ()


def part_name(id: str) -> str:
    """The name of a submodule for an id, without dots, which torch does not allow."""
    return id.replace(".", "·")


def cell_kind(blend: GraphNode) -> str:
    """The kind of cell whose selections weight a blend."""
    return str(dict(blend.attributes)["cell"])


def instructions(steps: Sequence[Step]) -> tuple[Instruction, ...]:
    """The instructions of all steps except inputs, each with the values that it reads last."""
    executed = [step for step in steps if step.node.kind != "input"]
    last_reader = {source: step.node.id for step in executed for source in step.inputs}
    return tuple(_instruction(step, last_reader) for step in executed)


class Route:
    """What a policy computes of a program: the instructions of each graph, made once, when they are asked
    for, however often a cell is called.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[str, tuple[Instruction, ...]] = {}

    def through(self, graph: Graph) -> tuple[Instruction, ...]:
        """The instructions of a graph of the program."""
        if graph.name not in self._known:
            self._known[graph.name] = instructions(walk(graph, self.policy))
        return self._known[graph.name]


def _instruction(step: Step, last_reader: Mapping[str, str]) -> Instruction:
    node = step.node
    last = tuple(source for source in dict.fromkeys(step.inputs) if last_reader[source] == node.id)
    weights = cell_kind(node) if node.kind == "blend" else node.choice
    lane = dict(node.attributes)["lane"] if node.kind == "target" else 0
    again = node.kind == "call" and recomputed(node)
    return Instruction(
        node.id, node.kind, step.inputs, weights, part_name(node.id), lane, again, step.ports, last
    )
