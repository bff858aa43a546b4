"""What a lowered graph does, in order: its instructions, and the mixes that are taken into sums.

Free of torch, so that a plan can follow a step of training without taking one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .walk import Step


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


def part_name(id: str) -> str:
    """An id as the name of a sub-module, which must not contain a dot."""
    return id.replace(".", "·")


def folded_name(selection: str) -> str:
    """Under which name the weights of a folded sum lie among the mixed weights."""
    return f"{selection} folded"


def foldable(steps: Sequence[Step]) -> dict[str, tuple[Step, ...]]:
    """The sums whose inputs are all the choices of their edges, read by nothing else: by id, in order."""
    by_id = {step.node.id: step for step in steps}
    readers = Counter(source for step in steps for source in step.inputs)
    found: dict[str, tuple[Step, ...]] = {}
    for step in steps:
        if step.node.kind != "sum":
            continue
        mixes = tuple(by_id[source] for source in step.inputs)
        of_edges = [f"{step.node.choice}<-{step.node.labels[port]}" for port in step.ports]
        alone = all(readers[mix.node.id] == 1 for mix in mixes)
        if alone and [mix.node.choice for mix in mixes] == of_edges:
            found[step.node.id] = mixes
    return found


def instructions(steps: Sequence[Step], folds: Mapping[str, tuple[Step, ...]]) -> tuple[Instruction, ...]:
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
        yield Instruction(node.id, node.kind, sources, weights, part_name(node.id))
