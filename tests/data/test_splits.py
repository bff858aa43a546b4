"""Splits: every class in each of them where it can be, without chance."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from recordings import refused, speakers_of
from splits_of import disjoint, groups

from dslnas.data import SPLITS, DataOptions, open_data
from dslnas.data.dataset import Clip
from dslnas.data.splits import dealt, stratified, together


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


def test_each_clip_tests_in_one_fold_and_no_group_stands_in_two(tones: Path, tmp_path: Path) -> None:
    table = speakers_of(tones, tmp_path / "table.csv", speakers=6)
    tested: Counter[str] = Counter()
    for fold in (1, 2, 3):
        data = open_data(table, options=DataOptions(folds=3, fold=fold))
        assert disjoint(groups(data)) and all(groups(data))
        for split in SPLITS:
            counts = Counter(clip.label for clip in data.clips if clip.split == split)
            assert counts == {0: 4, 1: 4, 2: 4}
        tested.update(clip.key for clip in data.clips if clip.split == "test")
        assert any(f"fold {fold} of 3 is the test" in note for note in data.notes)
    assert len(tested) == 36 and set(tested.values()) == {1}


def test_what_hangs_together_by_a_group_or_a_copy_is_one() -> None:
    clips = [
        Clip("a", 0, "train", "anna"),
        Clip("b", 0, "train", "anna"),
        Clip("c", 0, "train", "ben", twin="b", name="c"),
        Clip("d", 1, "train", "ben"),
        Clip("e", 1, "train", ""),
        Clip("f", 1, "train", ""),
        Clip("f", 1, "train", "", segment=(0.0, 1.0)),
    ]
    names = together(clips)
    assert len(set(names[:4])) == 1 and len({names[0], names[4], names[5]}) == 3 and names[5] == names[6]


@pytest.mark.parametrize("folds", [3, 5, 7])
def test_folds_are_even_in_every_class_in_any_order(folds: int) -> None:
    names = [f"{index}.wav" for index in range(60)]
    labels = [0] * 36 + [1] * 21 + [2] * 3
    found = dealt(names, labels, folds)
    for label, count in Counter(labels).items():
        held = Counter(fold for fold, one in zip(found, labels, strict=True) if one == label)
        assert max(held.values()) - min(held[fold] for fold in range(1, folds + 1)) <= 1, count
    back = dealt(names[::-1], labels[::-1], folds)
    assert back[::-1] == found


def test_folds_that_cannot_be_are_refused(tones: Path, data_root: Path, tmp_path: Path) -> None:
    def opened(data: str, **options: int | str) -> None:
        open_data(data, data_root, DataOptions(**options))  # type: ignore[arg-type]

    table = speakers_of(tones, tmp_path / "table.csv", speakers=3)
    assert "at least 3" in refused("N0603", "`data.folds` is 2", lambda: opened(table, folds=2))
    assert "at most 3" in refused("N0603", "`data.folds` is 4", lambda: opened(table, folds=4))
    assert "from 1" in refused("N0603", "`data.fold` is 4", lambda: opened(table, folds=3, fold=4))
    assert "comes in 5" in refused("N0603", "`data.folds` is 4", lambda: opened("esc10", folds=4))
    folder = f"folder:{tones}"
    refused("N0603", "36 of 36 clips have no speaker", lambda: opened(folder, folds=3, split="speaker"))
    sides = tmp_path / "sides.csv"
    lines = [f"{file},{file.parent.name},{'test' * (file.stem == '1')}" for file in tones.rglob("*.wav")]
    sides.write_text("\n".join(["file,label,split", *lines]))
    refused("N0603", "names its own sides", lambda: opened(f"csv:{sides}", folds=3))


def test_official_folds_stay_and_other_sets_have_their_own(data_root: Path) -> None:
    assert open_data("esc10", data_root, DataOptions(folds=5, fold=2)) == open_data(
        "esc10", data_root, DataOptions(fold=2)
    )
    data = open_data("fsdd", data_root, DataOptions(folds=3, split="speaker"))
    assert disjoint(groups(data))
    assert any("in place of its official split" in note for note in data.notes)


def test_groups_of_own_recordings_stand_apart_unless_there_are_too_few(tones: Path, tmp_path: Path) -> None:
    for speakers in (2, 4, 6):
        data = open_data(speakers_of(tones, tmp_path / f"{speakers}.csv", speakers=speakers))
        train, validation, test = groups(data)
        assert not test & (train | validation) and (speakers == 2 or not train & validation)
        assert any("whole groups" in note for note in data.notes)
    one = open_data(speakers_of(tones, tmp_path / "1.csv", speakers=1))
    assert any("groups stand on several sides" in note for note in one.notes)
    assert [one.count(split) for split in SPLITS] == [27, 3, 6]
