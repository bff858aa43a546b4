"""Copies of a recording stand on one side, whatever they are called and whatever class they are in."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from dslnas.data import open_data

MakeFolder = Callable[..., Path]


def sides(data: object) -> list[set[str]]:
    of: dict[str, set[str]] = defaultdict(set)
    for clip in data.clips:  # type: ignore[attr-defined]
        of[clip.content].add(clip.split)
    return list(of.values())


def test_copies_stay_on_one_side_and_are_told(make_folder: MakeFolder) -> None:
    folder = make_folder()
    for path in sorted(folder.rglob("*.wav")):
        shutil.copy(path, path.with_name(f"copy of {path.name}"))
    shutil.copy(folder / "low/4.wav", folder / "high/was_low.wav")
    data = open_data(f"folder:{folder}")
    assert len(data.clips) == 41
    assert all(len(side) == 1 for side in sides(data))
    assert 8 <= data.count("test") <= 10
    assert data.count("validation") in (4, 5)
    assert any(note.startswith("21 recordings are copies") for note in data.notes)
    assert any("stand in several classes" in note and "high/was_low.wav" in note for note in data.notes)


def test_copies_leave_the_training_where_folders_name_the_sides(
    tmp_path: Path, make_folder: MakeFolder
) -> None:
    for side in ("train", "test"):
        make_folder(f"set/{side}", clips=8 if side == "train" else 2)
    data = open_data(f"folder:{tmp_path / 'set'}")
    assert all(len(side) == 1 for side in sides(data))
    assert data.count("test") == 4
    assert any("4 copies of recordings that validate or test are left out" in note for note in data.notes)


def test_copies_stay_where_nothing_would_train(tmp_path: Path, make_folder: MakeFolder) -> None:
    for side in ("train", "test"):
        make_folder(f"set/{side}", clips=4)
    data = open_data(f"folder:{tmp_path / 'set'}")
    assert len(data.clips) == 16
    assert any("which makes the figures too good" in note for note in data.notes)
