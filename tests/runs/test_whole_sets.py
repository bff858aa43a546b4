"""Whole runs of a small network on sets of the user's own: every clip is on the side that it belongs to."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from making import tone
from recordings import history_of, metrics_of

from dslnas.base.run_folder import CLIPS, TEST
from dslnas.data.own.manifest import Manifest
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.predict import predict
from dslnas.runs.request import Request
from dslnas.runs.run import Run

pytestmark = pytest.mark.usefixtures("tiny_runs")

FIXED = """
space Fixed {
    network = input -> conv(3, 4, 2) -> bn -> relu -> global_pool -> linear(classes)
}
experiment {
    space:       Fixed
    train.steps: 4
    train.batch: 8
}
"""


def trained(space: Path, data: str, run: Path, *overrides: str) -> Run:
    """A finished run of a network in which nothing is to be chosen."""
    start(load(str(space), Request(data=data, overrides=overrides)), run, device="cpu").execute()
    return Run.open(run)


def test_windows_of_a_recording_are_on_one_side_and_the_test_counts_both(tmp_path: Path) -> None:
    seconds = {str(index): 0.5 + index % 3 for index in range(6)}
    for label, hertz in (("high", 1500), ("low", 300)):
        (tmp_path / "set" / label).mkdir(parents=True)
        for name, length in seconds.items():
            soundfile.write(
                tmp_path / "set" / label / f"{name}.wav", tone(hertz + int(name), length, 8000), 8000
            )
    (tmp_path / "fixed.nas").write_text(FIXED)
    run = trained(tmp_path / "fixed.nas", f"folder:{tmp_path / 'set'}", tmp_path / "run", "data.windows=all")
    sides, segments = defaultdict(set), defaultdict(list)
    for row in Manifest.read(run.path / CLIPS).rows:
        sides[row.file].add(row.split)
        segments[row.file].append(row.segment)
    assert len(sides) == 12 and all(len(own) == 1 for own in sides.values())
    for file, own in segments.items():
        assert len(set(own)) == len(own) == int(seconds[Path(file).stem]) + 1
    tested = metrics_of(run.path)["test"]
    held = [file for file, side in sides.items() if side == {"test"}]
    assert tested["clips"] == sum(len(segments[file]) for file in held)
    assert tested["recordings"]["count"] == len(held)
    heard = json.loads((run.path / TEST).read_text())["clips"]
    assert {clip["path"] for clip in heard} == set(held)
    assert len({clip["whole"] for clip in heard}) == len(held)


def test_a_network_learns_from_parts_of_recordings(cases_root: Path, tmp_path: Path) -> None:
    """A table with `start` and `end` trains; sounds that are hard to read are heard as those that are not."""
    table = f"csv:{cases_root / 'csv' / '24_start_end.csv'}"
    run = trained(cases_root / "tiny.nas", table, tmp_path / "run", "train.steps=30")
    assert metrics_of(run.path)["test"]["clips"] == 4
    losses = [one["loss"] for one in history_of(run.path) if "loss" in one]
    assert np.mean(losses[-5:]) < 0.8 * losses[0]
    odd = [cases_root / name for name in ("clips/c12_antiphase.wav", "clips/c12_float_int_scale.wav")]
    plain = [cases_root / folder / "high_05.wav" for folder in ("stream", "csv/audio/high")]
    found, skipped = predict(run, [*odd, *plain], "cpu")
    sure = [one.probabilities["high"] for one in found]
    assert not skipped and sure[0] == pytest.approx(sure[1], abs=1e-3)
    assert sure[2] == pytest.approx(sure[3], abs=1e-6)
