"""How long the trials of a sweep take, by steps that are measured once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dslnas.runs.experiment import Experiment
from dslnas.runs.plan.probe import Timing
from dslnas.runs.request import Request
from dslnas.runs.sweep import estimate
from dslnas.runs.sweep.trials import load_sweeps

SWEEP = """
use "ss1.nas"
sweep several {
    spaces:       SS1
    methods:      random, random_search(sample: 3, train: 7), darts
    data:         digits
    retrains:     1
    search.steps: 8
    train.steps:  20
}
"""


def test_networks_that_are_trained_alone_count_and_steps_are_measured_where_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "several.nas"
    probed: list[str] = []

    def probe(experiment: Experiment, *rest: object) -> Timing:
        probed.append(experiment.method.name)
        return Timing("cpu", 2.0, 2.0, 0.5)

    path.write_text(SWEEP)
    monkeypatch.setattr(estimate, "probe", probe)
    file = load_sweeps(str(path), Request())
    found = estimate.estimates(file, file.trials())
    assert probed == ["darts"], "chance has no step to measure"
    searches = [one.seconds for one in found if one.trial.searches]
    assert searches == pytest.approx([0.0, 3 * 7 * 0.5, 8 * 2.0])
    assert [one.seconds for one in found if not one.trial.searches] == pytest.approx([20 * 0.5] * 3)
