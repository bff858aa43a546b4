"""Vertical coordinates of a layout's slots: arrows as straight as the order and the distances allow.

Each sweep moves one column at a time to where the total bend of its links, sum of weight x |difference of
heights|, is least among all positions that keep the order and the distances. That is an isotonic regression,
solved exactly by pooling adjacent violators (Barlow et al., 1972), first with squares, which spread
evenly, then with absolute values, which make straight lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from .straightening import distance, straighten, weight

if TYPE_CHECKING:
    from .slots import Slot

SWEEPS = 24

Pull = tuple[float, float]  # a wanted height and its weight


def place(columns: list[list[Slot]]) -> None:
    """Set `y` of every slot, keeping the order of each column and the distances between neighbours."""
    for column in columns:
        offsets = _offsets(column)
        for slot, offset in zip(column, offsets, strict=True):
            slot.y = offset - offsets[-1] / 2
    for middle in (_mean, _median):
        for sweep in range(SWEEPS):
            forward = sweep % 2 == 0
            for column in columns if forward else reversed(columns):
                _settle(column, middle)
    straighten(columns)
    for slot in columns[-1]:
        _centre(slot)


def _centre(slot: Slot) -> None:
    """Move the concatenation to the middle of its arrows, where a wide range of heights is equally good."""
    heights = sorted(y for y, _ in _pulls(slot))
    low, high = heights[(len(heights) - 1) // 2], heights[len(heights) // 2]
    if high - low > slot.height:
        slot.y = min(max(_mean([(y, 1.0) for y in heights]), low), high)


def _offsets(column: list[Slot]) -> list[float]:
    """The least distance of every slot from the first of its column."""
    offsets = [0.0] if column else []
    for upper, lower in pairwise(column):
        offsets.append(offsets[-1] + distance(upper, lower))
    return offsets


@dataclass
class _Block:
    """Neighbouring slots that touch, and so move together."""

    slots: list[tuple[Slot, float]]
    pulls: list[Pull]
    y: float


def _settle(column: list[Slot], middle: Callable[[list[Pull]], float]) -> None:
    blocks: list[_Block] = []
    for slot, offset in zip(column, _offsets(column), strict=True):
        pulls = [(y - offset, wish) for y, wish in _pulls(slot)]
        block = _Block([(slot, offset)], pulls, middle(pulls))
        while blocks and blocks[-1].y > block.y:
            above = blocks.pop()
            pulls = above.pulls + block.pulls
            block = _Block(above.slots + block.slots, pulls, middle(pulls))
        blocks.append(block)
    for block in blocks:
        for slot, offset in block.slots:
            slot.y = block.y + offset


def _pulls(slot: Slot) -> list[Pull]:
    """The heights at which each link would be straight; without links, the present height."""
    pulls = [(link.start.y + link.leaves - link.enters, weight(link)) for link in slot.left]
    pulls += [(link.end.y + link.enters - link.leaves, weight(link)) for link in slot.right]
    return pulls or [(slot.y, 1.0)]


def _mean(pulls: list[Pull]) -> float:
    return sum(y * wish for y, wish in pulls) / sum(wish for _, wish in pulls)


def _median(pulls: list[Pull]) -> float:
    """The weighted median; of an interval of medians its upper end, to be level with one neighbour."""
    ordered = sorted(pulls)
    half = sum(wish for _, wish in ordered) / 2
    reached = 0.0
    for y, wish in ordered:
        reached += wish
        if reached >= half:
            return y
    return ordered[-1][0]
