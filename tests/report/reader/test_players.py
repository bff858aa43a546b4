"""Recordings inside of a page."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import soundfile

from dslnas.report.reader.players import players


def tone(path: Path, seconds: float = 0.2, rate: int = 8000, channels: int = 1) -> str:
    wave = 0.5 * np.sin(np.arange(round(seconds * rate)) / 3)
    soundfile.write(path, np.stack([wave] * channels, axis=1), rate)
    return str(path)


def test_a_player_has_the_recording_at_its_own_rate(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", channels=2)
    (source,) = players([path]).sources
    head, _, data = source.partition(",")
    assert head == "data:audio/flac;base64"
    heard, rate = soundfile.read(io.BytesIO(base64.b64decode(data)))
    wave, _ = soundfile.read(path)
    assert rate == 8000
    np.testing.assert_allclose(heard, wave.mean(axis=1), atol=1e-4)


def test_what_does_not_fit_is_told_and_what_follows_is_tried(tmp_path: Path) -> None:
    long, short = tone(tmp_path / "long.wav", 3.0), tone(tmp_path / "short.wav")
    (first, second) = players([long, short]).sources
    assert len(first) > len(second) > 0
    found = players([short, long, short], most=2 * len(second))
    assert found.sources == (second, "", second)
    assert "1 of 3 are too long for this page" in found.left_out


def test_what_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    found = players([str(tmp_path / "gone.wav"), str(tmp_path / "lost.wav"), str(tmp_path / "empty.wav")])
    assert found.sources == ("", "", "")
    assert found.left_out.startswith("3 of 3 could not be read when this page was written")
    assert found.left_out.count("No such file") == 1 and "the file is empty" in found.left_out
    assert players([]).left_out == ""
