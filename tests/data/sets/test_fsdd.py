"""FSDD in its official layout, on real recordings."""

from __future__ import annotations

from pathlib import Path

import pytest
from splits_of import disjoint, groups

from dslnas.base.diagnostics import DslnasError
from dslnas.data import SPLITS, DataOptions, open_data


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
