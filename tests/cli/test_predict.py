"""`dslnas predict`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from fake_runs import FakeRun, invoke

from dslnas.runs.predict import Prediction, Window


def _predict(
    run: FakeRun, files: Sequence[Path], device: str, tell: Callable[[str], None], unknown: None
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
    assert data["predictions"][0]["windows"] == []
    assert data["skipped"] == [{"path": "b.txt", "reason": "format not recognised"}]
    assert invoke("predict", "runs/mine", "b.txt").exit_code == 1


def test_predict_tells_each_window_and_says_silent(fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = (Window(0.0, 1.0, None, None, {}), Window(1.0, 2.0, "one", 0.9, {"one": 0.9, "two": 0.1}))
    found = [
        Prediction("long.wav", "one", 0.9, {"one": 0.9, "two": 0.1}, windows, ("it is long",)),
        Prediction("still.wav", None, None, {}, windows[:1], ("it is silent",)),
    ]
    monkeypatch.setattr("dslnas.runs.predict.predict", lambda *_: (found, []))
    shown = [
        line.split() for line in invoke("predict", "runs/mine", "long.wav", "still.wav").stdout.splitlines()
    ]
    assert ["0.00", "1.00", "silent"] in shown and ["1.00", "2.00", "one", "90.0", "%"] in shown
    assert ["still.wav", "silent"] in shown
    long, still = json.loads(invoke("predict", "runs/mine", "a.wav", "--json").stdout)["predictions"]
    assert (still["label"], still["probability"], still["probabilities"]) == (None, None, {})
    assert long["windows"][1] == {
        "start": 1.0,
        "end": 2.0,
        "label": "one",
        "probability": 0.9,
        "probabilities": {"one": 0.9, "two": 0.1},
    }
    assert long["notes"] == ["it is long"]
