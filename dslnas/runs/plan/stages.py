"""The stages of a search (P-DARTS) as planned, before it is known which candidates they keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ...ir.graph import Graph, Program
from ...ir.primitives.registry import Cost
from ...ir.verify import verify
from ...ir.walk import Everything, cost, step_cost, walk
from ...methods.method import RelaxedMethod
from ...methods.stages import DEPTH, WHOLE
from ...passes.dropout import drop_skips
from ...passes.narrow import Kept, narrow
from ...prune.prune import strongest_candidates
from ..experiment import Experiment


@dataclass(frozen=True)
class PlannedSearchStage:
    """A search stage at its largest: with the costliest candidates, as many as it keeps.

    program: its supernet. depth: the parameter `repeat`; None where the space has none.
    dropout: the share of its values that a skip loses at first.
    """

    kept: Kept
    program: Program
    depth: int | None
    dropout: float

    @property
    def candidates(self) -> int:
        """The greatest number of options at a choice point."""
        return max((len(point.options) for point in self.program.choices.values()), default=0)

    @cached_property
    def cost(self) -> Cost:
        """The cost of the supernet."""
        return cost(self.program, Everything())


def planned_stages(experiment: Experiment) -> tuple[PlannedSearchStage, ...]:
    """The planned stages of an experiment's search."""
    method = experiment.method
    stages = method.stages if isinstance(method, RelaxedMethod) else WHOLE
    found = []
    for stage, settings, program in zip(stages, experiment.search_stages, experiment.supernets, strict=True):
        kept = costliest(program, stage.candidates) if stage.candidates else {}
        if kept:
            program = verify(narrow(program, kept), "narrow")
        if stage.dropout:
            program = verify(drop_skips(program), "dropout")
        found.append(PlannedSearchStage(kept, program, settings.parameters.get(DEPTH), stage.dropout))
    return tuple(found)


def costliest(program: Program, count: int) -> dict[str, tuple[str, ...]]:
    """The `count` options of every choice point that take the most multiply-accumulates."""
    macs: dict[str, list[float]] = {id: [0.0] * len(p.options) for id, p in program.choices.items()}
    for graph in program.graphs():
        for choice, place, one in _option_costs(graph):
            macs[choice][place] += one
    return strongest_candidates(program, macs, count)


def _option_costs(graph: Graph) -> Iterator[tuple[str, int, int]]:
    """(choice point, option, multiply-accumulates) of each option of each mix."""
    by_option: dict[tuple[str, str], int] = defaultdict(int)
    for step in walk(graph, Everything()):
        for point, option in step.node.site.options:
            by_option[point.id, option] += step_cost(graph, step).macs
    for choice, labels in {mix.choice: mix.labels for mix in graph.of_kind("mix")}.items():
        for place, option in enumerate(labels):
            yield choice, place, by_option[choice, option]
