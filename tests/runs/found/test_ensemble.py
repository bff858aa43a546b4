"""Ensembles: who trains on what, what the mean is, that a killed one goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from made_fronts import layered, write_searched
from recordings import metrics_of, refused
from safetensors.torch import load_file
from torch import Tensor, nn

from dslnas.base.figures import percents
from dslnas.data.features import Prepared
from dslnas.report.fields import Tree
from dslnas.report.front.picked import ensemble_rows
from dslnas.runs.begin import train_genotype
from dslnas.runs.found import ensemble
from dslnas.runs.found.ensemble import Mean, divided, joined
from dslnas.runs.found.pick import picked
from dslnas.runs.prepared import prepare_data
from dslnas.runs.run import Run
from dslnas.train.observer import Silent


@pytest.fixture
def run(tones: Path, tmp_path: Path, tiny_runs: None) -> Run:
    experiment = layered(tmp_path, f"folder:{tones}")
    searched = write_searched(tmp_path / "searched", experiment, 8)
    chosen = picked(searched.path, "knee", experiment)
    return train_genotype(chosen.genotype, experiment, tmp_path / "run", device="cpu")


def test_members_train_on_different_clips_and_none_on_the_test(run: Run) -> None:
    ensemble.begin(run, 3)
    prepared = prepare_data(run.experiment, None, Silent())
    rest = set(prepared.train.paths) | set(prepared.validation.paths)
    held: list[str] = []
    for member in ensemble._members(run, Silent()):
        found = member.prepared(Silent())
        assert found.test.paths == prepared.test.paths
        assert set(found.train.paths) | set(found.validation.paths) == rest
        assert not set(found.train.paths) & set(found.validation.paths)
        assert found.train.labels.tolist() == sorted(found.train.labels.tolist())
        held += found.validation.paths
    assert sorted(held) == sorted(rest), "each clip validates one member"


def test_the_mean_of_probabilities_is_tested_beside_each_member(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def channelled(*given: Any) -> Prepared:
        prepared = prepare_data(*given)
        test = prepared.test
        return replace(prepared, test=replace(test, channels=[place % 2 for place in range(len(test))]))

    monkeypatch.setattr(ensemble, "prepare_data", channelled)
    ensemble.begin(run, 2)
    metrics = ensemble.finish(run)
    found = metrics["ensemble"]
    assert found["parts"] == "own" and len(found["members"]) == 2
    members = [Run.open(run.path / "members" / str(number)) for number in (1, 2)]
    assert [one.folder.metrics()["test"]["accuracy"] for one in members] == [
        one["accuracy"] for one in found["members"]
    ]
    test = prepare_data(run.experiment, None, Silent()).test
    with torch.no_grad():
        each = [one.network(torch.device("cpu")).eval()(test.features).softmax(1) for one in members]
    right = (torch.stack(each).mean(0).argmax(1) == test.labels).float().mean()
    assert found["accuracy"] == pytest.approx(float(right))
    assert metrics["test"]["clips"] == found["clips"], "the single network is tested too"
    each = found["macro_f1_channels"]
    assert len(each) == 2 and found["macro_f1"] == pytest.approx(sum(each) / 2), "of recordings with channels"
    single, *_, mean = ensemble_rows(Tree("metrics.json", metrics))
    assert mean.channels == percents(each) and not single.channels
    told = json.loads((run.path / "ensemble.json").read_text())
    assert told["parts"] == 2 and sum(map(sum, told["confusion"])) == found["clips"]


def test_a_killed_ensemble_goes_on_to_the_same_end(run: Run, tmp_path: Path) -> None:
    ensemble.begin(run, 2)
    ensemble.finish(run)
    whole = metrics_of(run.path)
    other = train_genotype(run.genotype, run.experiment, tmp_path / "other", device="cpu")
    ensemble.begin(other, 2)
    killed = ensemble._members(other, Silent())[0]
    killed.execute(until="train")
    (other.path / "members" / "2" / "genotype.json").unlink()  # cut off while its folder was made
    weights = load_file(killed.path / "weights.safetensors")
    ensemble.finish(Run.open(other.path))
    assert metrics_of(other.path) == whole
    again = load_file(killed.path / "weights.safetensors")
    assert all(torch.equal(weights[name], again[name]) for name in weights), "what is done stays"


def test_what_is_no_ensemble_is_refused(run: Run) -> None:
    help = refused("N0603", "has no folds", lambda: ensemble.check(run.experiment, None, None))
    assert "--folds 4" in help
    refused("N0603", "an ensemble of 100 members", lambda: ensemble.check(run.experiment, None, 100))
    prepared = prepare_data(run.experiment, None, Silent())
    refused("N0605", "no clip validates", lambda: divided(prepared, frozenset()))
    everything = frozenset(joined(prepared.train, prepared.validation).keys)
    refused("N0605", "no clip trains", lambda: divided(prepared, everything))
    (run.path / "ensemble.json").write_text('{"parts": "many"}')
    refused("N0701", "no number of members", lambda: ensemble.finish(run))


def test_a_mean_of_one_is_that_one_and_sure_members_give_no_infinity() -> None:
    class Sure(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 1e4

    x = torch.tensor([[1.0, -1.0, 0.0], [0.0, 0.0, 2.0]])
    network = nn.Linear(3, 3)
    assert torch.allclose(Mean([network])(x).softmax(1), network(x).softmax(1), atol=1e-6)
    assert Mean([Sure(), Sure()])(x).isfinite().all()
