"""Runs for the commands: one that is none, and one that has searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_runs import FakeRun, invoke

from dslnas.ir.genotype import Genotype
from dslnas.runs import begin
from dslnas.runs import run as runs
from dslnas.runs.experiment import Experiment

SMALLEST = "nodes=1 channels=2 repeat=0 search.epochs=1 train.epochs=1 data.clips=100 search.batch=8"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeRun:
    """The engine of runs replaced by a fake; the current folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run = FakeRun(Path("unset"))

    def start(experiment: Experiment, out: Path, **more: Any) -> FakeRun:
        run.path = out
        run.asked |= {"experiment": experiment, **more}
        out.mkdir(parents=True, exist_ok=True)
        return run

    def train_genotype(genotype: Genotype, experiment: Experiment, out: Path, **more: Any) -> FakeRun:
        run.asked["genotype"] = genotype
        return start(experiment, out, **more)

    def open(
        path: Path, data_root: Path | None = None, device: str | None = None, data: str | None = None
    ) -> FakeRun:
        run.path = path
        run.asked |= {"data_root": data_root, "device": device}
        return run

    monkeypatch.setattr(begin, "start", start)
    monkeypatch.setattr(begin, "train_genotype", train_genotype)
    monkeypatch.setattr(runs.Run, "open", staticmethod(open))
    monkeypatch.setattr(runs, "retest", lambda run, observer: run.execute(observer, "test"))
    return run


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory, data_root: Path) -> Path:
    """The folder of a real run that has searched."""
    import torch

    folder = tmp_path_factory.mktemp("real")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(folder / "cache"))
        patch.setenv("OMP_NUM_THREADS", "1")
        settings = [word for setting in SMALLEST.split() for word in ("--set", setting)]
        options = ["--data", "fsdd", "--data-root", str(data_root), "--seed", "5", "--device", "cpu"]
        result = invoke("search", "ss1", *options, *settings, "--out", str(folder / "run"), "--json")
    torch.set_num_threads(threads)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["params"]["live"] > 0
    return folder / "run"
