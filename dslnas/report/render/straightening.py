"""Moves of groups of slots, where moving single columns cannot improve the heights of a layout any more.

A long straight arrow that should lie lower is held in place by its own pieces, each of which is pulled to the
height of the others. So level slots move together, with the slots that they would run into.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from .slots import Link, Slot

ROUNDS = 6
NEAR = 1e-6  # heights closer than this are equal
CLEARANCE = {"node": 7.0, "label": 3.0, "bend": 3.5}

Neighbours: TypeAlias = "dict[Slot, tuple[Slot | None, Slot | None]]"


def distance(upper: Slot, lower: Slot) -> float:
    """The least distance between the centres of two neighbours in a column."""
    return (upper.height + lower.height) / 2 + CLEARANCE[upper.kind] + CLEARANCE[lower.kind]


def weight(link: Link) -> float:
    """The cost of a bend of the link: highest where a long arrow bends midway, lowest between nodes."""
    nodes = (link.start.kind == "node") + (link.end.kind == "node")
    return (8.0, 2.0, 1.0)[nodes]


def straighten(columns: list[list[Slot]]) -> None:
    """Move groups up and down as long as that lessens the sum of weight x |difference of heights|."""
    neighbours: Neighbours = {}
    for column in columns:
        for upper, slot, lower in zip([None, *column], column, [*column[1:], None], strict=False):
            neighbours[slot] = (upper, lower)
    for _ in range(ROUNDS):
        moved = False
        for slot in neighbours:
            for down in (False, True):
                for level in (False, True):
                    moved |= _move(_group(slot, neighbours, down, level), neighbours, down)
        if not moved:
            return


def _slope(link: Link) -> float:
    return link.end.y + link.enters - link.start.y - link.leaves


def _group(slot: Slot, neighbours: Neighbours, down: bool, level: bool) -> dict[Slot, None]:
    """The slot with all that touches it in the direction of the move and, if `level`, all level with it."""
    group: dict[Slot, None] = {slot: None}
    waiting = [slot]
    while waiting:
        one = waiting.pop()
        found: list[Slot] = []
        pushed = neighbours[one][down]
        if pushed is not None and _room(one, pushed, down) < NEAR:
            found.append(pushed)
        if level:
            found += [link.start for link in one.left if abs(_slope(link)) < NEAR]
            found += [link.end for link in one.right if abs(_slope(link)) < NEAR]
        for other in found:
            if other not in group:
                group[other] = None
                waiting.append(other)
    return group


def _room(slot: Slot, other: Slot, down: bool) -> float:
    upper, lower = (slot, other) if down else (other, slot)
    return lower.y - upper.y - distance(upper, lower)


def _move(group: dict[Slot, None], neighbours: Neighbours, down: bool) -> bool:
    """Move the group to the best height in that direction; True where this gains something."""
    sign = 1.0 if down else -1.0
    limit = float("inf")
    for slot in group:
        other = neighbours[slot][down]
        if other is not None and other not in group:
            limit = min(limit, _room(slot, other, down))
    # What each outer link lacks to be level, seen in the direction of the move.
    lacks = [(sign * _slope(link), weight(link)) for s in group for link in s.right if link.end not in group]
    lacks += [
        (-sign * _slope(link), weight(link)) for s in group for link in s.left if link.start not in group
    ]
    steps = sorted({lack for lack, _ in lacks if NEAR < lack < limit})
    if limit < float("inf"):
        steps.append(limit)
    best, gain = 0.0, NEAR
    for step in steps:
        gained = _cost(lacks, 0.0) - _cost(lacks, step)
        if gained > gain:
            best, gain = step, gained
    for slot in group:
        slot.y += sign * best
    return best > 0.0


def _cost(lacks: Iterable[tuple[float, float]], step: float) -> float:
    return sum(importance * abs(lack - step) for lack, importance in lacks)
