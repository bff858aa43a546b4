"""Which nodes of a network are removed: from a ranking of its nodes to positions, as few as a goal needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..base.diagnostics import fail
from ..ir.genotype import Genotype, Position
from ..ir.graph import Program
from ..ir.positions import network_of, places, positions_without
from ..ir.walk import Chosen, cost
from ..methods.budget import parse_requirements

Instance = tuple[str, str]  # the name of a place, and a node of its cell
SHARE = re.compile(r"\s*(params|macs)\s*<\s*(\d+(?:\.\d+)?)\s*%\s*")
COSTS = ("params", "macs")


@dataclass(frozen=True)
class Goal:
    """What a network comes down to: a share of its nodes, or a bound on what it costs.

    nodes: the share that is kept, 0 .. 1. price, limit: what stays below a number. text: as it is written.
    """

    text: str
    nodes: Fraction | None = None
    price: str = ""
    limit: float = 0.0


def share_of_nodes(text: str) -> Goal:
    """The goal of `1/2`, `0.5` or `50%` of the nodes; raises DslnasError N0301."""
    number, percent = (text.strip()[:-1], 100) if text.strip().endswith("%") else (text.strip(), 1)
    try:
        share = Fraction(number) / percent
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share < 1:
        raise fail("N0301", f"--nodes: `{text}` is no share of the nodes below all", help="`--nodes 1/2`")
    return Goal(f"{text.strip()} of the nodes", share)


def bound_on_cost(text: str, params: int, macs: int) -> Goal:
    """The goal of `params < 60%`, of so many, or of `macs < 20M`; raises DslnasError N0301."""
    if found := SHARE.fullmatch(text):
        price, share = found[1], float(found[2]) / 100
        return Goal(text.strip(), None, price, share * {"params": params, "macs": macs}[price])
    one, *others = parse_requirements(text, "--to")
    if others or one.price not in COSTS:
        help = "`--to 'params < 60%'`, `--to 'macs < 20M'`"
        raise fail("N0301", f"--to takes one bound, on {' or '.join(COSTS)}", one.span, help=help)
    return Goal(text.strip(), None, one.price, one.limit)


def instances(program: Program, genotype: Genotype) -> list[Instance]:
    """Every node of every cell that can be removed, in the order of the network."""
    return [(place.name, node) for place in places(program, Chosen.of(genotype)) for node in place.nodes]


def ranked(program: Program, genotype: Genotype, scores: Mapping[Instance, float]) -> list[Instance]:
    """The nodes by rising score; of equal ones the earlier first."""
    return sorted(instances(program, genotype), key=lambda one: scores[one])


def removed_for(
    program: Program, genotype: Genotype, order: Sequence[Instance], goal: Goal
) -> tuple[Position, ...]:
    """The positions that reach a goal with the first nodes of an order, and as few of them as can be.

    Of a share of the nodes no more are removed than it says, those that fall with others counted. Raises
    DslnasError N0603 where a bound is out of reach.
    """
    before: tuple[Position, ...] = ()
    if goal.nodes is not None:
        wanted = round(len(order) * goal.nodes)
        for positions in _path(program, genotype, order):
            if len(order) - count_removed(positions) < wanted:
                break
            before = positions
        return before
    least = 0.0
    for positions in _path(program, genotype, order):
        found = cost(*network_of(program, replace(genotype, positions=positions)))
        least = float({"params": found.params, "macs": found.macs}[goal.price])
        if least < goal.limit:
            return positions
    message = f"without any node the network has {least:,.0f} {goal.price}, and `{goal.text}` asks for fewer"
    raise fail("N0603", message, help="ask for more, or search with fewer channels")


def _path(program: Program, genotype: Genotype, order: Sequence[Instance]) -> Iterator[tuple[Position, ...]]:
    """The positions without the first 0, 1, 2, ... nodes of an order."""
    chosen = Chosen.of(genotype)
    removed: dict[str, list[str]] = {}
    yield ()
    for place, node in order:
        removed.setdefault(place, []).append(node)
        yield positions_without(program, chosen, removed)


def count_removed(positions: Sequence[Position]) -> int:
    """How many nodes are removed in all."""
    return sum(len(position.removed) for position in positions)


def kept_nodes(program: Program, genotype: Genotype) -> dict[str, list[str]]:
    """The nodes that each instance of a cell keeps, by the name of its place, in the order of the network."""
    removed = {position.place: position.removed for position in genotype.positions}
    return {
        place.name: [node for node in place.nodes if node not in removed.get(place.name, ())]
        for place in places(program, Chosen.of(genotype))
        if place.nodes
    }
