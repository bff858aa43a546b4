"""VoxCeleb1: its list, and the subset of pieces, of which no recording is on two sides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.data import KNOWN, DataOptions, class_names, open_data
from dslnas.data.dataset import Clip
from dslnas.data.sets.voxceleb import SPEAKERS


def made(root: Path, speakers: dict[str, list[list[float]]], split: str = "1") -> Path:
    """Silent files in the layout: of each speaker videos, of each video the seconds of its recordings."""
    folder = root / "VoxCeleb1"
    lines = []
    for speaker, videos in speakers.items():
        for number, seconds in enumerate(videos):
            for place, long in enumerate(seconds):
                name = f"{speaker}/v{number}/{place:05}.wav"
                (folder / "wav" / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / "wav" / name).write_bytes(bytes(44 + round(32_000 * long)))
                lines.append(f"{split} {name}")
    (folder / "iden_split.txt").write_text("\n".join(lines))
    return root


def units(clips: tuple[Clip, ...], split: str) -> set[str]:
    return {clip.group for clip in clips if clip.split == split}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers of ten videos of four recordings, each of three pieces and a rest."""
    voices = {name: [[10.0] * 4] * 10 for name in ("id10001", "id10002")}
    return made(tmp_path_factory.mktemp("vox"), voices)


def test_no_video_is_on_two_sides(root: Path) -> None:
    data = open_data("voxceleb1_min", root)
    assert data.classes == class_names("voxceleb1_min", root) == ("id10001", "id10002")
    sides = [units(data.clips, split) for split in ("train", "validation", "test")]
    assert all(sides) and sum(map(len, sides)) == len(set.union(*sides))
    assert Counter(clip.label for clip in data.clips if clip.split == "test") == {0: 20, 1: 20}
    assert all(clip.segment and clip.segment[1] - clip.segment[0] == 3 for clip in data.clips)
    assert len({clip.key for clip in data.clips}) == len(data.clips)
    told = "\n".join(data.notes)
    assert "2 speakers are there, of 100" in told
    assert "of the test 0 of 40 pieces share their recording, 0 their video" in told


def test_pieces_of_any_recording_are_offered_and_told(root: Path) -> None:
    data = open_data("voxceleb1_min", root, DataOptions(split="pieces"))
    assert Counter(clip.label for clip in data.clips if clip.split == "test") == {0: 20, 1: 20}
    shared = units(data.clips, "test") & units(data.clips, "train")
    assert shared and len(data.clips) == 2 * 10 * 4 * 3
    assert ", 0 their video" not in "\n".join(data.notes)
    for spec in ("voxceleb1", "fsdd"):
        with pytest.raises(DslnasError, match="does not have"):
            open_data(spec, root, DataOptions(split="pieces"))
    with pytest.raises(DslnasError, match="its speakers"):
        open_data("voxceleb1_min", root, DataOptions(split="speaker"))


def test_the_speakers_are_those_who_speak_about_as_long(tmp_path: Path) -> None:
    """Ten speak little, ten much, and a hundred between them for nearly the same time."""
    times = (
        [3.0 * n for n in range(1, 11)] + [60 + 0.01 * n for n in range(100)] + [90.0 + n for n in range(10)]
    )
    voices = {f"id1{n:04}": [[time]] for n, time in enumerate(times, start=1)}
    found = class_names("voxceleb1_min", made(tmp_path, voices))
    assert found == tuple(f"id1{n:04}" for n in range(11, 111)) and len(found) == SPEAKERS


def test_the_official_list_is_kept(tmp_path: Path) -> None:
    folder = made(tmp_path, {"id10001": [[4.0, 4.0]], "id10002": [[4.0]]}) / "VoxCeleb1"
    (folder / "iden_split.txt").write_text(
        "1 id10001/v0/00000.wav\n2 id10001/v0/00001.wav\n3 id10002/v0/00000.wav\n3 id10009/gone/00000.wav\n"
    )
    data = open_data("voxceleb1", tmp_path)
    assert [clip.split for clip in data.clips] == ["train", "validation", "test"]
    assert [reason for _, reason in data.skipped] == ["listed, but not there"]
    assert "2 speakers are there, of 1251" in data.notes[0]
    (folder / "iden_split.txt").write_text("1 id10001/v0/00000.wav\n4 id10001/v0/00001.wav\n")
    with pytest.raises(DslnasError, match=r"iden_split.txt:2: this is no"):
        open_data("voxceleb1", tmp_path)


def test_without_files_there_are_names_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DSLNAS_DATA", raising=False)
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path))
    assert len(class_names("voxceleb1")) == 1251 and len(class_names("voxceleb1_min")) == SPEAKERS
    assert class_names("voxceleb1")[-1] == "id11251" and KNOWN["voxceleb1"].on_disk
