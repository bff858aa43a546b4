"""The types and the costs of expressions, recorded while the programs of a file are elaborated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from ..base.diagnostics import DslnasError
from ..base.source import Span
from ..check.typecheck import typecheck
from ..elaborate.cells import CellElaboration
from ..elaborate.expressions import Elaboration
from ..elaborate.frontends import build_frontends
from ..elaborate.scope import Ref, Scope, Shared
from ..elaborate.space import NetworkElaboration, Setup, build
from ..elaborate.variants import Variant
from ..ir.frontend import FrontEnds
from ..ir.graph import Graph, GraphNode
from ..ir.primitives import REGISTRY
from ..ir.primitives.registry import Cost
from ..ir.tensortype import TensorType
from ..ir.walk import Everything, step_cost, walk
from ..parse import syntax
from ..resolve.definitions import CellDefinition, Definitions, Space
from ..runs.experiment import Experiment
from ..runs.load import assemble
from ..runs.request import Request

PRESET = "quick"  # the preset whose sizes the shown costs are for, as of `dslnas run FILE`


@dataclass(frozen=True)
class Fact:
    """The type of an expression in one place of use, and its cost where all sizes are known."""

    type: TensorType
    cost: Cost | None = None


# By span, the distinct facts in the order of elaboration.
Facts = Mapping[Span, tuple[Fact, ...]]


@dataclass(frozen=True)
class Costs:
    """The facts at the sizes of an experiment, with costs."""

    facts: Facts
    experiment: Experiment


def types_of(definitions: Definitions) -> Facts:
    """The types in the spaces and the front ends of a file, with symbols for channels and sizes."""
    found: dict[Span, tuple[Fact, ...]] = {}
    for name in definitions.own_spaces:
        watch = Watch()
        typecheck(definitions.spaces[name], definitions, watch.elaboration)
        for span, facts in watch.facts(costs=False).items():
            found[span] = tuple(dict.fromkeys((*found.get(span, ()), *facts)))
    for template in definitions.frontends.values():
        if all(parameter.default is not None for parameter in template.parameters):
            frontends, _ = build_frontends(template, definitions, None, "real")
            found |= _steps(frontends)
    return found


def costs_of(path: Path, definitions: Definitions) -> Costs | None:
    """The costs in the space that a file searches; None where no experiment can be made of it.

    The file must have no errors.
    """
    experiment = _experiment(path, definitions) if definitions.own_spaces else None
    if experiment is None:
        return None
    watch = Watch()
    setup = experiment.setup(experiment.settings.search)
    build(experiment.space, definitions.ops, setup, elaboration=watch.elaboration)
    return Costs(watch.facts(costs=True), experiment)


def _experiment(path: Path, definitions: Definitions) -> Experiment | None:
    """The experiment of a file at the preset `quick`; None where none can be made of it."""
    try:
        return assemble(path, definitions, Request(preset=PRESET))
    except DslnasError:
        return None


def _steps(frontends: FrontEnds | None) -> dict[Span, tuple[Fact, ...]]:
    found: dict[Span, dict[Fact, None]] = {}
    for way in frontends.ways if frontends is not None else ():
        for step in way.frontend.steps:
            if step.span is not None:
                found.setdefault(step.span, {})[Fact(step.output)] = None
    return {span: tuple(facts) for span, facts in found.items()}


# --- recording ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sight:
    """One elaborated value: its elaboration, and the range of that one's nodes that make it."""

    span: Span
    type: TensorType
    maker: Elaboration
    start: int
    stop: int


class Watch:
    """Records the values that the elaborations of one program make."""

    def __init__(self) -> None:
        self.sights: list[Sight] = []
        self.network: NetworkElaboration | None = None

    def elaboration(self, shared: Shared, space: Space, setup: Setup) -> NetworkElaboration:
        """An elaboration of a network that is recorded."""
        self.network = network = _WatchedNetwork(shared, space, setup)
        network.watch = self
        return network

    def note(self, maker: Elaboration, span: Span, start: int, value: Any) -> Any:
        """Record a value if it is a tensor, and return it; start: the number of nodes made before it."""
        if isinstance(value, Ref):
            self.sights.append(Sight(span, value.type, maker, start, len(maker.made)))
        return value

    def facts(self, costs: bool) -> Facts:
        """The recorded facts by span; costs: whether sizes are known, so that costs can be counted."""
        found: dict[Span, dict[Fact, None]] = {}
        sums: dict[Elaboration, list[Cost]] = {}
        for sight in self.sights:
            cost = None
            if costs:
                if sight.maker not in sums:
                    sums[sight.maker] = self._sums(sight.maker)
                of_maker = sums[sight.maker]
                cost = _difference(of_maker[sight.stop], of_maker[sight.start])
            found.setdefault(sight.span, {})[Fact(sight.type, cost)] = None
        return {span: tuple(facts) for span, facts in found.items()}

    def _sums(self, maker: Elaboration) -> list[Cost]:
        """The cost of the first n nodes that an elaboration made, for each n."""
        types = {node.id: node.type for node, _ in maker.made}
        each = [self._cost(node, [types[id] for id in inputs]) for node, inputs in maker.made]
        return list(accumulate(each, _sum, initial=Cost()))

    def _cost(self, node: GraphNode, inputs: Sequence[TensorType]) -> Cost:
        if node.kind == "primitive":
            return REGISTRY[node.primitive].cost(tuple(inputs), node.type, dict(node.attributes))
        if node.kind == "call" and self.network is not None:
            graph = self.network.cells[node.cell]
            total = Cost()
            for step in walk(graph, Everything()):
                total = _sum(total, step_cost(graph, step))
            return total
        return Cost()


class _Watched(Elaboration):
    """An elaboration that records every value it makes."""

    watch: Watch

    def value(self, expr: syntax.Expr, scope: Scope) -> Any:
        return self.watch.note(self, expr.span, len(self.made), super().value(expr, scope))

    def apply(self, stage: syntax.Expr, x: Any, scope: Scope) -> Any:
        return self.watch.note(self, stage.span, len(self.made), super().apply(stage, x, scope))


class _WatchedNetwork(_Watched, NetworkElaboration):
    def piped(self, expr: syntax.Expr, variants: list[Variant], later: Collection[str]) -> list[Variant]:
        before, after = len(self.made), super().piped(expr, variants, later)
        for variant in after:
            self.watch.note(self, expr.span, before, variant.stream.x)
        return after

    def staged(
        self, stage: syntax.Expr, variants: list[Variant], later: Collection[str] = ()
    ) -> list[Variant]:
        before, after = len(self.made), super().staged(stage, variants, later)
        if isinstance(stage, syntax.Times):  # what is applied once is noted where it is applied
            for variant in after:
                self.watch.note(self, stage.span, before, variant.stream.x)
        return after

    def cell_elaboration(self, graph: Graph, cell: CellDefinition, scope: Scope) -> CellElaboration:
        made = _WatchedCell(self.shared, graph, self.space.sets, cell, scope)
        made.watch = self.watch
        return made


class _WatchedCell(_Watched, CellElaboration):
    pass


def _sum(one: Cost, other: Cost) -> Cost:
    return Cost(one.params + other.params, one.macs + other.macs)


def _difference(one: Cost, other: Cost) -> Cost:
    return Cost(one.params - other.params, one.macs - other.macs)
