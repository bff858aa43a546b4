"""Which parts of a network are removed: from a ranking of its parts to positions, as few as a goal needs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..base.diagnostics import fail
from ..ir.genotype import Genotype, Position
from ..ir.graph import Program
from ..ir.positions import Part, network_of, parts_of, places, positions_without
from ..ir.walk import Chosen, cost
from ..methods.budget import parse_requirements

Instance = tuple[str, Part]  # the name of a place, and a part of its cell
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


def instances(program: Program, genotype: Genotype, of: str = "nodes") -> list[Instance]:
    """Every part of every cell that can be removed, in the order of the network: its `nodes`, or `edges`."""
    chosen = Chosen.of(genotype)
    return [
        (place.name, part)
        for place in places(program, chosen)
        for part in parts_of(program, chosen, place, of)
    ]


def ranked(scores: Mapping[Instance, float]) -> list[Instance]:
    """The parts by rising score; of equal ones the earlier first."""
    return sorted(scores, key=lambda one: scores[one])


def removed_for(
    program: Program, genotype: Genotype, order: Sequence[Instance], goal: Goal
) -> tuple[Position, ...]:
    """The positions that reach a goal with the first parts of an order, and as few of them as can be.

    Of a share of the nodes no more are removed than it says, those that fall with others counted. Raises
    DslnasError N0603 where a bound is out of reach.
    """

    def without(count: int) -> tuple[Position, ...]:
        return without_first(program, genotype, order, count)

    if goal.nodes is not None:
        wanted = round(len(order) * goal.nodes)
        over = _least(order, lambda count: len(order) - count_removed(without(count)) < wanted)
        return without(over - 1)

    def price(count: int) -> float:
        found = cost(*network_of(program, replace(genotype, positions=without(count))))
        return float({"params": found.params, "macs": found.macs}[goal.price])

    count = _least(order, lambda count: price(count) < goal.limit)
    if count <= len(order):
        return without(count)
    least = f"{price(len(order)):,.0f} {goal.price}"
    message = f"without any node the network has {least}, and `{goal.text}` asks for fewer"
    raise fail("N0603", message, help="ask for more, or search with fewer channels")


def _least(order: Sequence[Instance], enough: Callable[[int], bool]) -> int:
    """The least number of first parts that is enough; one more than there are where none is.

    Whatever more is removed, a network has no more nodes and costs no more than before.
    """
    return bisect_left(range(len(order) + 1), True, key=enough)


def without_first(
    program: Program, genotype: Genotype, order: Sequence[Instance], count: int
) -> tuple[Position, ...]:
    """The positions without the first parts of an order, so many of them."""
    removed: dict[str, list[Part]] = {}
    for place, part in order[:count]:
        removed.setdefault(place, []).append(part)
    return positions_without(program, Chosen.of(genotype), removed)


def count_removed(positions: Sequence[Position]) -> int:
    """How many nodes are removed in all."""
    return sum(len(position.removed) for position in positions)


def kept_parts(program: Program, genotype: Genotype, of: str = "nodes") -> dict[str, list[Part]]:
    """The parts that each instance of a cell keeps, by the name of its place, in the order of the network."""
    chosen = Chosen.of(genotype)
    at = {position.place: position for position in genotype.positions}
    kept = {}
    for place in places(program, chosen):
        whole, position = parts_of(program, chosen, place, of), at.get(place.name)
        if whole:
            kept[place.name] = [part for part in whole if position is None or not _gone(part, position)]
    return kept


def _gone(part: Part, position: Position) -> bool:
    """Whether a node or an edge is removed at a position; an edge is so with either of its ends."""
    if isinstance(part, str):
        return part in position.removed
    return part in position.edges or not {*part}.isdisjoint(position.removed)


def shown(part: Part) -> str:
    """A part as it is told: `n1`, `a -> n1`."""
    return part if isinstance(part, str) else " -> ".join(part)
