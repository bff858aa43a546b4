"""`dslnas listen`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_runs import invoke

from dslnas.runs.run import Run


@pytest.fixture(scope="module")
def evening(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tones of the classes with silence between."""
    waves = [soundfile.read(tones / f"class{label}" / "0.wav")[0] for label in (0, 2, 1)]
    gap = np.zeros(12_000)
    path = tmp_path_factory.mktemp("evening") / "evening.wav"
    soundfile.write(path, np.concatenate([gap, *(part for wave in waves for part in (wave, gap))]), 8000)
    return path


@pytest.fixture
def run(whole: Path, monkeypatch: pytest.MonkeyPatch, _opened: Run) -> str:
    """A run that is opened once for all tests."""
    monkeypatch.setattr("cli.running.opened", lambda *more, **named: _opened)
    return str(whole)


@pytest.fixture(scope="module")
def _opened(whole: Path) -> Run:
    return Run.open(whole)


def test_events_of_a_recording_one_a_line(run: str, evening: Path) -> None:
    told = invoke("listen", run, "--file", str(evening), "--threshold", "0.1", "--json")
    assert told.exit_code == 0, told.output
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert found and all(set(one) == {"label", "begin", "end", "peak", "probability"} for one in found)
    length = soundfile.info(evening).duration
    assert all(0 <= one["begin"] < one["peak"] < one["end"] <= length + 0.2 for one in found)
    assert all(one["probability"] >= 0.1 for one in found)
    again = invoke("listen", run, "--file", str(evening), "--threshold", "0.1")
    lines = [line.split() for line in again.stdout.splitlines()]
    assert [(line[2], float(line[0])) for line in lines] == [
        (one["label"], pytest.approx(one["begin"], abs=0.006)) for one in found
    ]
    ignored = [word for label in range(3) for word in ("--ignore", f"class{label}")]
    assert invoke("listen", run, "--file", str(evening), *ignored).stdout == ""


def test_mistakes_are_told(run: str, evening: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ("listen", run, "--file", str(evening))
    assert invoke(*file, "--smooth", "2").exit_code == 2
    assert invoke(*file, "--microphone", "1").exit_code == 2
    told = invoke(*file, "--ignore", "class9")
    assert told.exit_code == 1 and "class9" in told.stderr and "class0, class1, class2" in told.stderr
    told = invoke("listen", run, "--file", str(tmp_path / "none.wav"))
    assert told.exit_code == 1 and "N0605" in told.stderr
    told = invoke(*file, "--unknown", "energy")
    assert told.exit_code == 1 and "dslnas test" in told.stderr
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    for words in (("listen", run), ("listen", "--microphones")):
        told = invoke(*words)
        assert told.exit_code == 1 and "pip install 'dslnas[listen]'" in told.stderr


def test_a_curve_of_a_recording_with_labels(run: str, evening: Path, tmp_path: Path) -> None:
    labels, picture = tmp_path / "labels.txt", tmp_path / "curve.svg"
    labels.write_text("1.5\t1.9\tclass0\n3.4\t3.8\tCLASS2\n5.3\t5.7\tclass1\n9\t9\tother\n")
    words = ("test", run, "--stream", str(evening), "--labels", str(labels), "-o", str(picture))
    told = invoke(*words, "--json")
    assert told.exit_code == 0, told.output
    assert "1 of 4 labels" in told.stderr
    found = json.loads(told.stdout)
    assert found["labels"] == 3 and found["hours"] == pytest.approx(soundfile.info(evening).duration / 3600)
    assert all(one["hits"] <= 3 and one["rate"] == one["hits"] / 3 for one in found["points"])
    assert "per hour" in picture.read_text()
    told = invoke(*words, "--tolerance", "0.1")
    assert "3 labels" in told.stdout and "within 0.1 s" in told.stdout and str(picture) in told.stdout
    assert invoke(*words[:4]).exit_code == 2
