"""Proves bounds that no network of a space keeps to, before anything is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import floor, log10

from ..base.diagnostics import Diagnostic, Label
from ..base.source import Span
from ..ir.graph import GraphNode, Program
from ..ir.primitives.registry import Cost
from ..ir.walk import Policy, cost, step_cost, walk
from ..methods.budget import Price, Requirement
from ..methods.method import Method, SampledMethod

PROVED: Mapping[Price, Callable[[Cost], int]] = {
    "params": lambda one: one.params,
    "macs": lambda one: one.macs,
}
WORDS: Mapping[Price, str] = {"params": "parameters", "macs": "multiply-accumulates"}
NAMED = 3  # parts of the smallest network


def unmet(method: Method, program: Program) -> list[Diagnostic]:
    """An error for each bound on parameters or multiply-accumulates that no network keeps to.

    program: the network that is handed over, with all choices open and all sizes known.
    """
    bounds = method.require if isinstance(method, SampledMethod) else ()
    found = (_unmet(one, method, program) for one in bounds if one.price in PROVED)
    return [one for one in found if one is not None]


def _unmet(bound: Requirement, method: Method, program: Program) -> Diagnostic | None:
    from ..ir.analysis.extent import proven_extreme  # which draws on networkx: of no use to other checks

    figure = PROVED[bound.price]
    smallest, proven = proven_extreme(program, method.keeping, figure, 1)
    least = figure(cost(program, smallest))
    if bound.met(least) or not proven:
        return None
    parts = sorted(parts_of(program, smallest, figure), key=lambda part: -part.amount)[:NAMED]
    shown = "; ".join(f"{part.name} {part.amount:,}{part.place}" for part in parts)
    what = WORDS[bound.price]
    return Diagnostic(
        "N0601",
        f"no network of `{program.space}` keeps to `{bound.text}`: the smallest has {least:,} {what}",
        bound.span,
        labels=tuple(
            Label(part.span, f"{part.amount:,} of them at least")
            for part in parts[:1]
            if part.span is not None
        ),
        notes=(f"most of the smallest: {shown}",),
        help=f"ask for `{bound.price} < {above(least)}` or more, or let the space offer less of them",
    )


def above(least: int) -> str:
    """A bound with two digits that is above a number, as it is written: `6.5k` for 6,410."""
    step = 10 ** max(0, floor(log10(max(least, 1))) - 1)
    bound = (least // step + 1) * step
    for suffix, factor in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if bound >= factor:
            return f"{bound / factor:g}{suffix}"
    return str(bound)


@dataclass
class Part:
    """What a part of a network costs: a stage of the network, or all uses of a kind of cell.

    span: of the step in it that costs most.
    """

    name: str
    amount: int = 0
    span: Span | None = None
    largest: int = field(default=0, repr=False)

    @property
    def place(self) -> str:
        """Where that step is written, in parentheses."""
        return f" ({self.span.location})" if self.span is not None else ""

    def add(self, amount: int, span: Span | None) -> None:
        """Count one step."""
        self.amount += amount
        if amount > self.largest:
            self.largest, self.span = amount, span


def parts_of(program: Program, policy: Policy, figure: Callable[[Cost], int]) -> list[Part]:
    """The parts of one network, in its order, with what each costs."""
    found: dict[str, Part] = {}
    calls = Counter(step.node.cell for step in walk(program.network, policy) if step.node.kind == "call")
    for name, amount, span in _steps(program, policy, calls, figure):
        found.setdefault(name, Part(name)).add(amount, span)
    return [part for part in found.values() if part.amount]


def _steps(
    program: Program, policy: Policy, calls: Mapping[str, int], figure: Callable[[Cost], int]
) -> Iterator[tuple[str, int, Span | None]]:
    """The part, the cost and the place of each step."""
    for step in walk(program.network, policy):
        yield _stage(step.node), figure(step_cost(program.network, step)), step.node.span
    kinds = Counter(program.cells[name].kind for name in calls for _ in range(calls[name]))
    for name, times in calls.items():
        graph = program.cells[name]
        uses = kinds[graph.kind]
        part = f"cell `{graph.kind}`" + (f" in its {uses} uses" if uses > 1 else "")
        for step in walk(graph, policy):
            yield part, times * figure(step_cost(graph, step)), step.node.span


def _stage(node: GraphNode) -> str:
    """The stage of the network that a step belongs to: the outermost choice around it, else itself."""
    for point, option in node.site.options:
        return f"`{point.label}` with `{option}`"
    return f"`{node.name}`"
