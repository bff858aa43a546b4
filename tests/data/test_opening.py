"""Data sets are opened from a folder that holds them, or from their own."""

from __future__ import annotations

from pathlib import Path

from dslnas.data import open_data


def test_a_root_may_be_the_folder_itself(data_root: Path) -> None:
    inside = open_data("fsdd", data_root / "free-spoken-digit-dataset")
    assert len(inside.clips) == 2000
