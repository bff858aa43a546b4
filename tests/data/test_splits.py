"""Splits: every class in each of them where it can be, without chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.data import SPLITS, DataOptions, open_data
from dslnas.data.splits import stratified


def test_fewer_clips_keep_classes_and_splits(data_root: Path) -> None:
    data = open_data("fsdd", data_root, DataOptions(clips=300))
    assert 290 <= len(data.clips) <= 310
    for split in SPLITS:
        assert {clip.label for clip in data.clips if clip.split == split} == set(range(10))
    assert open_data("fsdd", data_root, DataOptions(clips=300)) == data


@pytest.mark.parametrize(
    ("clips", "expected"), [(1, (1, 0, 0)), (2, (1, 0, 1)), (3, (1, 1, 1)), (100, (70, 10, 20))]
)
def test_every_class_is_in_every_split_where_it_can_be(clips: int, expected: tuple[int, ...]) -> None:
    made = stratified([f"{index}.wav" for index in range(clips)], [0] * clips)
    assert tuple(made.count(split) for split in SPLITS) == expected


def test_the_order_of_files_does_not_matter() -> None:
    names = [f"{index}.wav" for index in range(30)]
    forth = dict(zip(names, stratified(names, [0] * 30), strict=True))
    back = dict(zip(names[::-1], stratified(names[::-1], [0] * 30), strict=True))
    assert forth == back
