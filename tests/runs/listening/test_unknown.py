"""Thresholds of unknown sounds: a share of what is known passes, and the run keeps them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from recordings import refused

from dslnas.base.run_folder import UNKNOWN
from dslnas.runs.listening.unknown import (
    CONFIDENCES,
    LABEL,
    Threshold,
    choose,
    confidence_of,
    kept,
    threshold_for,
)
from dslnas.runs.predict import predict
from dslnas.runs.run import Run


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=40, unique=True), st.floats(0.5, 1))
def test_the_highest_threshold_that_the_share_reaches(values: list[float], keep: float) -> None:
    told = torch.tensor(values, dtype=torch.float64)
    value = threshold_for(told, keep)
    needed = keep * len(told) - 1e-9
    assert int((told >= value).sum()) >= needed
    assert int((told > value).sum()) < needed


def test_energy_tells_large_logits_from_small_ones_of_one_softmax() -> None:
    logits = torch.tensor([[1.0, 2.0], [11.0, 12.0]])
    probability = confidence_of(logits, "probability")
    assert probability[0] == pytest.approx(probability[1])
    assert confidence_of(logits, "energy").tolist() == pytest.approx([2.3133, 12.3133], abs=1e-4)


def test_a_run_keeps_its_thresholds_and_predict_goes_by_them(
    copy: Path, tones: Path, tiny_runs: None
) -> None:
    run = Run.open(copy)
    assert "--unknown" in refused("N0701", "no threshold", lambda: kept(run, "energy"))
    found = choose(run, keep=0.9)
    assert found == json.loads((copy / UNKNOWN).read_text()) and found["clips"] > 0
    for name in CONFIDENCES:
        assert kept(run, name) == Threshold(name, found[name])
    clips = sorted(tones.rglob("*.wav"))[:4]
    plain, _ = predict(run, clips, "cpu")
    same, _ = predict(run, clips, "cpu", unknown=Threshold("probability", 0.0))
    none, _ = predict(run, clips, "cpu", unknown=Threshold("probability", 1.1))
    assert same == plain
    assert {one.label for one in none} == {LABEL}
    assert [one.probabilities for one in none] == [one.probabilities for one in plain]
    (copy / UNKNOWN).write_text("[]")
    refused("N0701", "holds no threshold of the energy", lambda: kept(run, "energy"))
