"""Speech Commands in its official layout, on real recordings."""

from __future__ import annotations

from pathlib import Path

import pytest
from splits_of import disjoint, groups

from dslnas.data import DataOptions, open_data
from dslnas.data.sets.speech_commands import hashed_split


@pytest.mark.parametrize("spec", ["sc09", "sc35"])
def test_speech_commands_follow_the_lists(spec: str, data_root: Path) -> None:
    data = open_data(spec, data_root)
    assert disjoint(groups(data))
    assert open_data(spec, data_root, DataOptions(split="speaker")).clips == data.clips
    assert len(data.noises) == 4
    folder = data_root / "speech_commands_v0.02"
    lists = {
        split: set((folder / f"{name}_list.txt").read_text().split())
        for split, name in (("validation", "validation"), ("test", "testing"))
    }
    for clip in data.clips:
        path = Path(clip.path)
        assert data.classes[clip.label] == path.parent.name
        name = f"{path.parent.name}/{path.name}"
        assert clip.split == next((split for split, names in lists.items() if name in names), "train")


def test_the_hash_rule_makes_the_official_lists(data_root: Path) -> None:
    lists = data_root / "speech_commands_v0.02" / "official_lists"
    for name, split in (("validation_list.txt", "validation"), ("testing_list.txt", "test")):
        paths = (lists / name).read_text().split()
        assert len(paths) > 9000
        assert {hashed_split(path.split("/")[1].split("_nohash_")[0]) for path in paths} == {split}
