"""AudioMNIST: the groups of its authors, and its layout on real recordings."""

from __future__ import annotations

from pathlib import Path

from splits_of import disjoint

from dslnas.data import DataOptions
from dslnas.data.catalog import KNOWN
from dslnas.data.sets.audiomnist import GROUP_OF, official_split, read_audiomnist


def test_audiomnist_groups() -> None:
    assert sorted(GROUP_OF) == [f"{speaker:02}" for speaker in range(1, 61)]
    tests = [{s for s in GROUP_OF if official_split(s, fold) == "test"} for fold in range(1, 6)]
    assert disjoint(tests)
    assert {len(test) for test in tests} == {12}
    # Split 1 of the authors: train B C D, validate E, test A.
    assert (official_split("28", 2), official_split("26", 2), official_split("12", 2)) == (
        "test",
        "validation",
        "train",
    )


def test_audiomnist_layout(data_root: Path) -> None:
    data = read_audiomnist(KNOWN["audiomnist"], data_root / "AudioMNIST", DataOptions())
    assert {(Path(clip.path).name, clip.label, clip.group) for clip in data.clips} == {
        ("0_01_0.wav", 0, "01"),
        ("5_02_10.wav", 5, "02"),
        ("2_08_8.wav", 2, "08"),
        ("9_42_10.wav", 9, "42"),
    }
