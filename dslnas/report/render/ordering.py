"""Crossing reduction: the order of the slots in every column of a layout, deterministic.

Barycentre sweeps (Sugiyama, Tagawa and Toda, 1981), each followed by exchanges of neighbours (Gansner
et al., 1993).
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .slots import Slot

SWEEPS = 12


def order(columns: list[list[Slot]]) -> None:
    """Reorder the slots of every column in place so that few links cross."""
    best = [list(column) for column in columns]
    fewest = crossings(columns)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        indices = range(1, len(columns)) if forward else range(len(columns) - 2, -1, -1)
        for index in indices:
            _sort_by_barycentre(columns, index, forward)
        _exchange(columns)
        count = crossings(columns)
        if count < fewest:
            fewest, best = count, [list(column) for column in columns]
    for column, chosen in zip(columns, best, strict=True):
        column[:] = chosen


def crossings(columns: list[list[Slot]]) -> int:
    """The number of pairs of links that cross."""
    total = 0
    for index in range(len(columns) - 1):
        rank = _ranks(columns[index + 1])
        seen: list[int] = []
        for slot in columns[index]:
            ends = sorted(rank[id(link.end)] for link in slot.right)
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _ranks(column: list[Slot]) -> dict[int, int]:
    return {id(slot): rank for rank, slot in enumerate(column)}


def _sort_by_barycentre(columns: list[list[Slot]], index: int, forward: bool) -> None:
    rank = _ranks(columns[index - 1 if forward else index + 1])
    column = columns[index]
    weights: dict[int, float] = {}
    for place, slot in enumerate(column):
        near = [rank[id(link.start)] for link in slot.left] if forward else []
        near = near or ([] if forward else [rank[id(link.end)] for link in slot.right])
        # A slot without neighbours on that side stays about where it is.
        weights[id(slot)] = sum(near) / len(near) if near else place * len(rank) / len(column)
    column.sort(key=lambda slot: weights[id(slot)])


def _exchange(columns: list[list[Slot]]) -> None:
    """Exchange neighbours in a column as long as that removes crossings."""
    improved = True
    while improved:
        improved = False
        for index, column in enumerate(columns):
            left = _ranks(columns[index - 1]) if index else {}
            right = _ranks(columns[index + 1]) if index + 1 < len(columns) else {}
            for at in range(len(column) - 1):
                upper, lower = column[at], column[at + 1]
                ends = [
                    ([left[id(k.start)] for k in slot.left], [right[id(k.end)] for k in slot.right])
                    for slot in (upper, lower)
                ]
                now = sum(_crossed(ends[0][side], ends[1][side]) for side in (0, 1))
                then = sum(_crossed(ends[1][side], ends[0][side]) for side in (0, 1))
                if then < now:
                    column[at], column[at + 1] = lower, upper
                    improved = True


def _crossed(upper: list[int], lower: list[int]) -> int:
    return sum(1 for a in upper for b in lower if a > b)
