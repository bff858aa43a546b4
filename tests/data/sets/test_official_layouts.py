"""The known data sets in their official layouts, with their official splits, on real recordings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, Clip, DataOptions, DataSet, open_data
from dslnas.data.catalog import KNOWN
from dslnas.data.sets.audiomnist import GROUP_OF, official_split, read_audiomnist
from dslnas.data.sets.esc import FOLDS, read_esc
from dslnas.data.sets.folds import fold_split
from dslnas.data.sets.speech_commands import hashed_split


def groups(data: DataSet) -> list[set[str]]:
    return [{clip.group for clip in data.clips if clip.split == split} for split in SPLITS]


def disjoint(sets: Iterable[set[str]]) -> bool:
    sets = list(sets)
    return sum(map(len, sets)) == len(set().union(*sets))


def test_fsdd(data_root: Path) -> None:
    data = open_data("fsdd", data_root)
    assert [data.count(split) for split in SPLITS] == [1600, 200, 200]
    for clip in data.clips:
        digit, speaker, index = Path(clip.path).stem.split("_")
        assert (clip.label, clip.group) == (int(digit), speaker)
        assert clip.split == ("test" if int(index) < 5 else "validation" if int(index) < 10 else "train")


def test_fsdd_holds_each_speaker_out_in_one_fold(data_root: Path) -> None:
    held: list[str] = []
    for fold in (1, 2, 3, 4):
        data = open_data("fsdd", data_root, DataOptions(split="speaker", fold=fold))
        train, validation, test = groups(data)
        assert len(test) == 1
        assert disjoint([train | validation, test])
        assert data.count("test") == 500
        held += test
    assert sorted(held) == ["george", "jackson", "nicolas", "yweweler"]
    with pytest.raises(DslnasError, match=r"data\.fold"):
        open_data("fsdd", data_root, DataOptions(split="speaker", fold=5))


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


@pytest.mark.parametrize("fold", range(1, 6))
def test_esc10_folds(fold: int, data_root: Path) -> None:
    data = open_data("esc10", data_root, DataOptions(fold=fold))
    assert len(data.clips) == 199
    assert disjoint(groups(data))
    for clip in data.clips:
        own = int(Path(clip.path).name[0])
        assert clip.split == fold_split(own, fold, FOLDS)
    assert {int(Path(c.path).name[0]) for c in data.clips if c.split == "test"} == {fold}


def test_both_layouts_of_esc10_agree(data_root: Path) -> None:
    old = open_data("esc10", data_root)
    new = read_esc(KNOWN["esc10"], data_root / "ESC-50-master", DataOptions())
    assert len(new.clips) == 50

    def by_source(clips: Iterable[Clip]) -> dict[str, tuple[int, str]]:
        return {"-".join(Path(c.path).stem.split("-")[:3]): (c.label, c.split) for c in clips}

    expected = by_source(old.clips)
    assert all(expected[source] == fact for source, fact in by_source(new.clips).items())


def test_esc50_lacks_classes_here(data_root: Path) -> None:
    """A subset without recordings of some classes cannot train all of them, and the message names them."""
    with pytest.raises(DslnasError, match="no usable recording of pig, cow, frog") as error:
        open_data("esc50", data_root)
    assert error.value.diagnostics[0].code == "N0605"


def test_esc_has_no_speakers(data_root: Path) -> None:
    with pytest.raises(DslnasError, match="no speakers") as error:
        open_data("esc10", data_root, DataOptions(split="speaker"))
    assert error.value.diagnostics[0].code == "N0603"


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


def test_wrong_names_are_skipped_with_their_reason(data_root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    for path in (data_root / "free-spoken-digit-dataset/recordings").glob("*_george_*.wav"):
        (folder / path.name).symlink_to(path)
    (folder / "ten_george_1.wav").touch()
    data = open_data("fsdd", tmp_path)
    assert len(data.clips) == 500
    ((path, reason),) = data.skipped
    assert path.endswith("ten_george_1.wav")
    assert "{digit}_{speaker}_{index}.wav" in reason


def test_a_root_may_be_the_folder_itself(data_root: Path) -> None:
    inside = open_data("fsdd", data_root / "free-spoken-digit-dataset")
    assert len(inside.clips) == 2000


def test_fewer_clips_keep_classes_and_splits(data_root: Path) -> None:
    data = open_data("fsdd", data_root, DataOptions(clips=300))
    assert 290 <= len(data.clips) <= 310
    for split in SPLITS:
        assert {clip.label for clip in data.clips if clip.split == split} == set(range(10))
    assert open_data("fsdd", data_root, DataOptions(clips=300)) == data
