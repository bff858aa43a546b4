"""`dslnas predict`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fake_runs import FakeRun, invoke

from dslnas.runs.predict import Prediction


def _predict(
    run: FakeRun, files: Sequence[Path], device: str, tell: Callable[[str], None]
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    good = [
        Prediction(str(f), "[two]", 0.75, {"[two]": 0.75, "one": 0.25}) for f in files if f.suffix == ".wav"
    ]
    tell("1 of 1 recordings are silent")
    return good, [(str(f), "format not recognised") for f in files if f.suffix != ".wav"]


def test_predict_tells_labels_and_what_it_could_not_read(
    fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dslnas.runs.predict.predict", _predict)
    result = invoke("predict", "runs/mine", "a.wav", "b.txt")
    assert result.exit_code == 0
    assert "[two]" in result.stdout and "75.0 %" in result.stdout and "one 25.0 %" in result.stdout
    assert "skipped b.txt: format not recognised" in result.stderr
    assert "1 of 1 recordings are silent" in result.stderr
    data = json.loads(invoke("predict", "runs/mine", "a.wav", "b.txt", "--json").stdout)
    assert data["predictions"][0]["probabilities"] == {"[two]": 0.75, "one": 0.25}
    assert data["skipped"] == [{"path": "b.txt", "reason": "format not recognised"}]
    assert invoke("predict", "runs/mine", "b.txt").exit_code == 1
