"""A run keeps the list of its clips, whatever happens to the folder that they lie in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from recordings import refused

from dslnas.data import DataSet, open_data
from dslnas.data.dataset import DataOptions
from dslnas.data.own.manifest import Manifest, held_to

MakeFolder = Callable[..., Path]


def splits(data: DataSet) -> dict[str, str]:
    return {clip.name: clip.split for clip in data.clips}


def test_it_is_read_as_it_was_written(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder()
    (folder / "low/0.wav").rename(folder / "low" / b'na\xefve, "x".wav'.decode("utf-8", "surrogateescape"))
    data = open_data(f"folder:{folder}")
    manifest = Manifest.of(data, data.clips[1:])
    manifest.write(tmp_path / "clips.csv")
    assert Manifest.read(tmp_path / "clips.csv") == manifest
    assert [row.split for row in manifest.rows][:1] == [""]
    assert all(row.content for row in manifest.rows)


@pytest.mark.parametrize("text", ["", "a,b\n", "file,label,split,channel,segment,content\na,b,later,,,\n"])
def test_what_is_no_manifest_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text(text)
    refused("N0701", "clips.csv", lambda: Manifest.read(tmp_path / "clips.csv"))


def test_the_same_set_in_another_folder_gives_the_same_clips(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder(clips=40)
    shutil.copytree(folder, tmp_path / "elsewhere" / "deeper")
    here = open_data(f"folder:{folder}", None, DataOptions(clips=30))
    there = open_data(f"folder:{tmp_path / 'elsewhere' / 'deeper'}", None, DataOptions(clips=30))
    assert splits(here) == splits(there)
    assert len(here.clips) == 30


def test_files_that_come_or_go_change_no_side(make_folder: MakeFolder) -> None:
    folder = make_folder()
    data = open_data(f"folder:{folder}")
    manifest = Manifest.of(data, data.clips)
    before = splits(data)
    tested = next(clip for clip in data.clips if clip.split == "test")
    Path(tested.path).unlink()
    shutil.copy(folder / "high/1.wav", folder / "high/zz.wav")
    (folder / "low/3.wav").rename(folder / "low/other name.wav")
    now = held_to(open_data(f"folder:{folder}"), manifest, data.classes, training=False)
    gone = before.pop(tested.name)
    before["low/other name.wav"] = before.pop("low/3.wav")
    assert (splits(now), gone) == (before, "test")
    assert any("1 recordings have come since" in note for note in now.notes)
    assert any("1 recordings have other names now" in note for note in now.notes)
    assert any(f"1 of test): {tested.name}" in note for note in now.notes)
    help = refused(
        "N0605",
        "1 recordings of the run are gone or have changed",
        lambda: held_to(open_data(f"folder:{folder}"), manifest, data.classes, training=True),
    )
    assert "--data" in help


def test_a_file_with_other_bytes_is_another_clip(make_folder: MakeFolder) -> None:
    folder = make_folder()
    data = open_data(f"folder:{folder}")
    (folder / "high/1.wav").write_bytes((folder / "high/1.wav").read_bytes() + b"\0\0")
    now = held_to(open_data(f"folder:{folder}"), Manifest.of(data, data.clips), data.classes, training=False)
    assert len(now.clips) == 19
    assert "high/1.wav" not in splits(now)
