"""Two tests beside each other: clip by clip where both heard the same, and nothing where they did not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dslnas.base.figures import Pairs
from dslnas.runs.compare.tested import facts_of_test, pairs_of, told

RIGHT = ("yyyyyyyynn", "yyyynnynyn")  # of ten clips, in two runs


def write(run: Path, right: str, **changes: Any) -> Path:
    """A run whose test told so many clips rightly."""
    run.mkdir()
    clips = [
        {"path": f"a/{place}.wav", "label": "a", "predicted": "a" if one == "y" else "b", "probability": 0.9}
        for place, one in enumerate(right)
    ]
    share = right.count("y") / len(right)
    tested = {"accuracy": share, "macro_f1": share / 2, "clips": len(clips)}
    (run / "test.json").write_text(json.dumps({"clips": clips}))
    (run / "metrics.json").write_text(json.dumps({"data": {"name": "fsdd"}, "test": tested} | changes))
    return run


def test_what_each_alone_tells_rightly_is_counted(tmp_path: Path) -> None:
    one, other = (write(tmp_path / name, right) for name, right in zip("AB", RIGHT, strict=True))
    pairs = pairs_of(one, other)
    assert pairs == Pairs(both=5, only_first=3, only_second=1, neither=1)
    said = told(pairs, ("A", "B"))
    assert "the same 10 clips, A alone tells 3 rightly and B alone 1: -20.0 points" in said
    assert "62.5 % of such tests" in said
    assert pairs_of(other, one) == Pairs(5, 1, 3, 1)
    facts = facts_of_test(one)
    assert facts["test", "accuracy"] == "80.00 % (95 % interval 49.0 to 94.3 %) of 10 clips"
    assert facts["test", "macro F1"] == "40.00 %"


def test_other_clips_are_not_paired(tmp_path: Path) -> None:
    one = write(tmp_path / "A", RIGHT[0])
    assert pairs_of(one, write(tmp_path / "fewer", RIGHT[1][:9])) is None
    assert pairs_of(one, write(tmp_path / "elsewhere", RIGHT[1], data={"name": "sc09"})) is None
    for run, content in ((one, "01"), (write(tmp_path / "changed", RIGHT[1]), "02")):
        rows = [f"a/{place}.wav,a,test,,,{content if place == 4 else '00'}" for place in range(10)]
        (run / "clips.csv").write_text("\n".join(["file,label,split,channel,segment,content", *rows, ""]))
    assert pairs_of(one, tmp_path / "changed") is None
    assert pairs_of(one, write(tmp_path / "older", RIGHT[1])) is not None  # knows no contents


def test_windows_of_a_recording_are_not_paired(tmp_path: Path) -> None:
    runs = [write(tmp_path / name, right) for name, right in zip("AB", RIGHT, strict=True)]
    for run in runs:
        (run / "test.json").write_text((run / "test.json").read_text().replace("a/1.wav", "a/0.wav"))
    assert pairs_of(*runs) is None


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"clips": 3}', '{"clips": [{}]}', '{"clips": []}'])
def test_a_broken_test_says_nothing(text: str, tmp_path: Path) -> None:
    one, other = (write(tmp_path / name, right) for name, right in zip("AB", RIGHT, strict=True))
    (other / "test.json").write_text(text)
    assert pairs_of(one, other) is None


def test_a_run_that_is_not_tested_has_no_facts(tmp_path: Path) -> None:
    assert facts_of_test(tmp_path) == {}
