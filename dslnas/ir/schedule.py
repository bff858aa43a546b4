"""What a lowered graph does, in order: its instructions.

Free of torch, so that a plan can follow a step of training without taking one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .graph import GraphNode, recomputed
from .walk import Step


@dataclass(frozen=True)
class Instruction:
    """One step with all that the forward pass needs; `last` are the values that nobody reads afterwards.

    weights: under which name the weights of a mix, a sum or a blend are found. lane: which sum of a blend
    it takes. ports: of a mix or a sum, which of its inputs remain. recompute: keep nothing for the backward
    pass, and compute it again there.
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
    """An id as the name of a sub-module, which must not contain a dot."""
    return id.replace(".", "·")


def cell_kind(blend: GraphNode) -> str:
    """The kind of cell whose selections a blend is of."""
    return str(dict(blend.attributes)["cell"])


def instructions(steps: Sequence[Step]) -> tuple[Instruction, ...]:
    """The steps that compute, and after which of them a value is no longer needed."""
    made = [_instruction(step) for step in steps if step.node.kind != "input"]
    last_reader = {source: one.target for one in made for source in one.sources}

    def last(one: Instruction) -> tuple[str, ...]:
        return tuple(s for s in dict.fromkeys(one.sources) if last_reader[s] == one.target)

    return tuple(replace(one, last=last(one)) for one in made)


def _instruction(step: Step) -> Instruction:
    node = step.node
    weights = cell_kind(node) if node.kind == "blend" else node.choice
    lane = dict(node.attributes)["lane"] if node.kind == "target" else 0
    again = node.kind == "call" and recomputed(node)
    return Instruction(node.id, node.kind, step.inputs, weights, part_name(node.id), lane, again, step.ports)
