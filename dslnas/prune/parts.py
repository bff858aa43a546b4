"""Which parts of a network are removed: from a ranking of its parts to positions, as few as a goal needs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..base.diagnostics import fail
from ..ir.genotype import Genotype, Position
from ..ir.graph import Program
from ..ir.places import Part
from ..ir.positions import network_of, parts_at, positions_without, ties_of
from ..ir.walk import cost
from ..methods.budget import parse_requirements

Instance = tuple[str, Part]  # the name of a place, and a part of its cell
Removed = Mapping[str, Sequence[Part]]  # the parts that go, by the name of their place
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
    """Every part of every cell that can be removed, in the order of the network.

    of: its `nodes`, its `edges`, or its `channels` in units.
    """
    found = parts_at(program, genotype, of)
    return [(place, part) for place, parts in found.items() for part in parts]


def ranked(scores: Mapping[Instance, float]) -> list[Instance]:
    """The parts by rising score; of equal ones the earlier first."""
    return sorted(scores, key=lambda one: scores[one])


def removed_for(program: Program, genotype: Genotype, order: Sequence[Instance], goal: Goal) -> Removed:
    """The first parts of an order that reach a goal, as few of them as can be.

    Of a share of the nodes no more are removed than it says, those that fall with others counted. Raises
    DslnasError N0603 where a bound is out of reach.
    """

    def positions(count: int) -> tuple[Position, ...]:
        return positions_without(program, genotype, first_of(order, count))

    if goal.nodes is not None:
        wanted = round(len(order) * goal.nodes)
        over = _least(order, lambda count: len(order) - count_removed(positions(count)) < wanted)
        return first_of(order, over - 1)

    def price(count: int) -> float:
        found = cost(*network_of(program, replace(genotype, positions=positions(count))))
        return float({"params": found.params, "macs": found.macs}[goal.price])

    count = _least(order, lambda count: price(count) < goal.limit)
    if count <= len(order):
        return first_of(order, count)
    least = f"{price(len(order)):,.0f} {goal.price}"
    narrow = any(isinstance(part, int) for _, part in order)
    without = "where each cell keeps the fewest channels" if narrow else "without any node"
    message = f"{without} the network has {least}, and `{goal.text}` asks for fewer"
    raise fail("N0603", message, help="ask for more, or search with fewer channels")


def _least(order: Sequence[Instance], enough: Callable[[int], bool]) -> int:
    """The least number of first parts that is enough; one more than there are where none is.

    Whatever more is removed, a network has no more nodes and costs no more than before.
    """
    return bisect_left(range(len(order) + 1), True, key=enough)


def first_of(order: Sequence[Instance], count: int) -> dict[str, list[Part]]:
    """So many first parts of an order of all parts, by place, without the last channels of a cell."""
    units = Counter(place for place, part in order if isinstance(part, int))
    removed: dict[str, list[Part]] = {}
    for place, part in order[:count]:
        if not isinstance(part, int) or len(removed.get(place, ())) + 1 < units[place]:
            removed.setdefault(place, []).append(part)
    return removed


def count_removed(positions: Sequence[Position]) -> int:
    """How many nodes are removed in all."""
    return sum(len(position.removed) for position in positions)


@dataclass(frozen=True)
class Left:
    """What a network has lost. before, after: how many parts it had and has. kept: those of each place."""

    before: int
    after: int
    kept: Mapping[str, tuple[str, ...]]


def left_of(program: Program, genotype: Genotype, of: str = "nodes") -> Left:
    """The parts that each instance of a cell keeps, as they are told, in the order of the network."""
    whole = replace(genotype, positions=())
    at = {position.place: position for position in genotype.positions}
    if of == "channels":
        widths = ties_of(program, whole).widths
        now = {name: at[name].channels if name in at else None for name in widths}
        left = {name: width if (one := now[name]) is None else one for name, width in widths.items()}
        told = {name: (f"{left[name]} of {width} channels",) for name, width in widths.items()}
        return Left(sum(widths.values()), sum(left.values()), told)
    parts = parts_at(program, whole, of)
    kept = {
        name: tuple(_told(part) for part in own if name not in at or not _gone(part, at[name]))
        for name, own in parts.items()
    }
    return Left(sum(map(len, parts.values())), sum(map(len, kept.values())), kept)


def _gone(part: Part, position: Position) -> bool:
    """Whether a node or an edge is removed at a position; an edge is so with either of its ends."""
    if isinstance(part, tuple):
        return part in position.edges or not {*part}.isdisjoint(position.removed)
    return part in position.removed


def _told(part: Part) -> str:
    """A node or an edge as it is told: `n1`, `a -> n1`."""
    return " -> ".join(part) if isinstance(part, tuple) else str(part)
