"""The groups of recordings in the splits of a data set."""

from __future__ import annotations

from collections.abc import Iterable

from dslnas.data import SPLITS, DataSet


def groups(data: DataSet) -> list[set[str]]:
    return [{clip.group for clip in data.clips if clip.split == split} for split in SPLITS]


def disjoint(sets: Iterable[set[str]]) -> bool:
    sets = list(sets)
    return sum(map(len, sets)) == len(set().union(*sets))
