"""The paths of a batch as a tree: what they have in common at their beginning is computed once.

All paths of a batch are trained on the same clips. As long as they decide alike they compute the same, norms
included. So the beginning goes forward once, each branch goes on from what it hands out, forward and
backward, and the beginning goes backward once, with the sum of the gradients that its branches leave there:
the same sum as of the single paths. At any time no more is kept than for one path.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from ...ir.schedule import Instruction, Route
from ...ir.walk import Chosen
from ...lower.paths import SampledSupernet

Values = dict[str, Tensor]  # by the ids of nodes


@dataclass(frozen=True)
class _Way:
    """A path as its instructions, and what each of them says: equal words stand for equal computations."""

    number: int
    route: Route
    steps: tuple[Instruction, ...]
    words: tuple[Any, ...]


class Branches:
    """The paths of one batch. context: in which each piece goes forward."""

    def __init__(
        self,
        supernet: SampledSupernet,
        paths: Sequence[Chosen],
        context: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._supernet, self._context = supernet, context
        program = supernet.program
        self._cells = {node.id: program.cells[node.cell] for node in program.network.of_kind("call")}
        self._ways = [self._way(number, path) for number, path in enumerate(paths)]
        self.inputs = [supernet.input_of(path) for path in paths]

    def backward(self, heard: Callable[[int], Tensor], loss_of: Callable[[int, Tensor], Tensor]) -> None:
        """Form the sum of the gradients of all paths.

        heard: the batch (N, C, F, T) of an input of the network; loss_of: the loss of the path with a number,
        from its logits (N, classes). It is asked once for each path.
        """
        for input in dict.fromkeys(self.inputs):
            ways = [way for way, own in zip(self._ways, self.inputs, strict=True) if own == input]
            x = heard(input).contiguous(memory_format=torch.channels_last)
            self._descend(ways, 0, {self._supernet.network.inputs[input]: x}, loss_of)

    def _way(self, number: int, path: Chosen) -> _Way:
        route = self._supernet.route(path)
        steps = route.through(self._supernet.network.graph)
        return _Way(number, route, steps, tuple(self._said(step, route) for step in steps))

    def _said(self, step: Instruction, route: Route) -> Any:
        inside = route.through(self._cells[step.target]) if step.kind == "call" else ()
        return step.target, step.sources, inside

    def _descend(
        self, ways: Sequence[_Way], done: int, values: Values, loss_of: Callable[[int, Tensor], Tensor]
    ) -> None:
        """Train ways that are alike up to an instruction; values: what they have there, as leaves."""
        first, *others = ways
        alike = takewhile(
            lambda place: _all_say(others, place, first.words[place]), range(done, len(first.words))
        )
        until = done + sum(1 for _ in alike)
        with self._context():  # several drop their values at different places
            steps = first.steps[done:until]
            self._supernet.network.advance(steps, values, None, first.route, keep=bool(others))
        if until == len(first.steps):
            losses = [loss_of(way.number, values["output"]) for way in ways]
            torch.autograd.backward(losses)
            return
        needed = {source for way in ways for step in way.steps[until:] for source in step.sources}
        held = {id: value for id, value in values.items() if id in needed}
        values.clear()
        leaves = {id: one.detach().requires_grad_(one.requires_grad) for id, one in held.items()}
        branches: dict[Any, list[_Way]] = {}
        for way in ways:
            branches.setdefault(way.words[until], []).append(way)
        for branch in branches.values():
            self._descend(branch, until, dict(leaves), loss_of)
        passed = [(value, leaves[id].grad) for id, value in held.items() if leaves[id].grad is not None]
        if passed:
            torch.autograd.backward([value for value, _ in passed], [gradient for _, gradient in passed])


def _all_say(ways: Sequence[_Way], place: int, words: Any) -> bool:
    return all(place < len(way.words) and way.words[place] == words for way in ways)
