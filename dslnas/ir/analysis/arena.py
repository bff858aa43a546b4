"""Places buffers in one piece of memory, so that those that are never needed at once share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Buffer:
    """A buffer of `size` units, which is needed from step `first` to step `last`, both included."""

    size: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are needed at once."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Arena:
    """Where each buffer starts, in order, and how many units they take together."""

    starts: tuple[int, ...]
    size: int


def packed(buffers: Sequence[Buffer], step: int = 1) -> Arena:
    """An arena for buffers, one after the other at the lowest place that is free while it is needed.

    step: every buffer starts at a multiple of it. Of several orders the best one counts: the largest first,
    those of the steps that need most first (*greedy by size* and *by breadth*, Pisarchyk and Lee, 2020),
    those that are needed longest first, and as they are needed. They come close to the least possible, the
    largest sum of what is needed at once.
    """
    changes = [0] * (max((one.last for one in buffers), default=-1) + 2)
    for one in buffers:
        changes[one.first] += one.size
        changes[one.last + 1] -= one.size
    needed = list(accumulate(changes))
    keys: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
        lambda one: (-one.size,),
        lambda one: (-max(needed[one.first : one.last + 1]), -one.size),
        lambda one: (one.first - one.last, -one.size),
        lambda one: (one.first, -one.size),
    )
    orders = (sorted(range(len(buffers)), key=lambda place: key(buffers[place])) for key in keys)
    return min((_placed(buffers, order, step) for order in orders), key=lambda one: one.size)


def _placed(buffers: Sequence[Buffer], order: Sequence[int], step: int) -> Arena:
    starts: dict[int, int] = {}
    known: list[tuple[int, int, int, int]] = []
    for place in order:
        buffer = buffers[place]
        first, last = buffer.first, buffer.last
        taken = sorted((low, high) for low, high, begun, end in known if begun <= last and first <= end)
        start = 0
        for low, high in taken:
            if start + buffer.size <= low:
                break
            start = max(start, -(-high // step) * step)
        starts[place] = start
        known.append((start, start + buffer.size, first, last))
    size = max((start + buffers[place].size for place, start in starts.items()), default=0)
    return Arena(tuple(starts[place] for place in range(len(buffers))), size)
