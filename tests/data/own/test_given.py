"""The files that a user names: folders are walked, patterns expanded, and nothing is left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.data.own.endings import CONVERT, PICTURES
from dslnas.data.own.given import given


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files without content, by their names, and the current folder."""
    for name in ("b.wav", "a.WAV", "c.m4a", "notes.txt", "deep/d.flac", "deep/e.png", ".hidden.wav"):
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return Path("mine")


def test_a_folder_gives_its_recordings_in_order_and_tells_of_all_else(folder: Path) -> None:
    found = given([folder])
    assert found.files == sorted([folder / "a.WAV", folder / "b.wav", folder / "deep/d.flac"])
    assert found.unused == [("mine/c.m4a", f".m4a {CONVERT}")]
    assert found.left_out == ["2 of 6 files in mine are no recordings: .png (1), .txt (1)"]
    assert given([folder], PICTURES).files == [folder / "deep/e.png"]


def test_names_keep_their_order_and_are_taken_whatever_their_ending(folder: Path) -> None:
    named = [folder / "notes.txt", folder / "deep", folder / "b.wav", folder / "gone.wav", folder / "b.wav"]
    found = given(named)
    assert found.files == [named[0], folder / "deep/d.flac", *named[2:]]
    assert not found.unused


def test_a_pattern_is_what_a_shell_makes_of_it(folder: Path) -> None:
    assert given(["mine/*.wav"]).files == [folder / "b.wav"]
    assert given(["mine/d*"]).files == [folder / "deep/d.flac"]
    assert given(["mine/**/*.[wf]*"]).files == [folder / "b.wav", folder / "deep/d.flac"]
    assert given(["*.wav"]).unused == [("*.wav", "no file matches this pattern")]
    (folder / "[odd]*.wav").touch()
    assert given(["mine/[odd]*.wav"]).files == [folder / "[odd]*.wav"]


def test_a_folder_without_recordings_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(["empty"]).unused == [("empty", "there are no recordings in this folder")]
    (folder / "deep/d.flac").unlink()
    assert given([folder / "deep"]).unused == [
        ("mine/deep", "there are no recordings in this folder, only .png (1)")
    ]

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", refuse)
    assert given([folder]).unused == [("mine", "it cannot be read: Permission denied")]
