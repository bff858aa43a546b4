"""`run`, `search`, `train`, `test`, `predict`, `report`: what they ask of the engine, and what they tell."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from dslnas.base.diagnostics import fail
from dslnas.ir.genotype import Genotype
from dslnas.runs import run as runs
from dslnas.runs.experiment import Experiment
from dslnas.runs.predict import Prediction

METRICS: dict[str, Any] = {
    "search": {"gap": 0.25},
    "validation": {
        "clips": 40,
        "supernet": 0.61,
        "discretised": 0.12,
        "recalibrated": 0.44,
        "retrained": 0.97,
    },
    "honesty": {
        "verdict": "looks degenerate: no operation of cell normal has parameters",
        "settled": "3 of 8 decisions were won by less than 0.05; the closest: normal a, pool over skip",
        "cells": {"normal": {"edges": 8, "skips": 2, "parameter_free": 8, "polynomials": 0}},
    },
    "params": {"supernet": 365_000, "live": 123_456, "with_dead_edges": 234_567},
    "test": {"accuracy": 0.9875, "macro_f1": 0.98},
    "time": {"search": 62.0, "total": 125.0},
    "cut": ["search: epochs 8 instead of 60"],
}


@dataclass
class FakeRun:
    """Stands in for a run: keeps what was asked of it and reports a little progress."""

    path: Path
    asked: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None

    def execute(self, observer: Any, until: str) -> dict[str, Any]:
        self.asked["until"] = until
        observer.begin("search", 4)
        observer.say("400 of 2000 clips are used [as `data.clips` says]")
        for step in range(1, 5):
            observer.advance(
                "search", step, epoch=step / 2, epochs=2.0, loss=1 / step, accuracy=step / 4, gap=0.3
            )
        if self.error:
            raise self.error
        return METRICS


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeRun:
    """The engine of runs replaced by a fake; the current folder is an empty one."""
    monkeypatch.chdir(tmp_path)
    run = FakeRun(Path("unset"))

    def start(experiment: Experiment, out: Path, **more: Any) -> FakeRun:
        run.path = out
        run.asked |= {"experiment": experiment, **more}
        out.mkdir(parents=True, exist_ok=True)
        return run

    def train_genotype(genotype: Genotype, experiment: Experiment, out: Path, **more: Any) -> FakeRun:
        run.asked["genotype"] = genotype
        return start(experiment, out, **more)

    def open(path: Path, data_root: Path | None = None, device: str | None = None) -> FakeRun:
        run.path = path
        run.asked |= {"data_root": data_root, "device": device}
        return run

    monkeypatch.setattr(runs, "start", start)
    monkeypatch.setattr(runs, "train_genotype", train_genotype)
    monkeypatch.setattr(runs.Run, "open", staticmethod(open))
    monkeypatch.setattr(runs, "retest", lambda run, observer: run.execute(observer, "test"))
    return run


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})


def test_a_run_by_its_shortest_command(fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/dslnas", "run", "ss1", "--device", "cpu"])
    result = invoke("run", "ss1", "--device", "cpu")
    assert result.exit_code == 0, result.output
    experiment = fake.asked["experiment"]
    assert (experiment.data, experiment.settings.preset, experiment.settings.seed) == ("digits", "quick", 0)
    assert fake.path == Path("runs/ss1-digits-darts-s0") and fake.asked["until"] == "test"
    assert fake.asked["device"] == "cpu"
    assert fake.asked["command"] == "dslnas run ss1 --device cpu"


def test_every_option_reaches_the_experiment(fake: FakeRun) -> None:
    options = "--data fsdd --data-root rec --preset paper --seed 7 --out here --set search.epochs=3"
    assert invoke("run", "ss1", *options.split(), "--set", "method=forcedarts").exit_code == 0
    experiment = fake.asked["experiment"]
    assert (experiment.data, experiment.method.name, experiment.settings.seed) == ("fsdd", "forcedarts", 7)
    assert experiment.settings.preset == "paper" and experiment.settings.search.epochs == 3
    assert fake.path == Path("here") and fake.asked["data_root"] == Path("rec")


def test_the_summary_tells_what_was_reached_and_what_was_cut(fake: FakeRun) -> None:
    result = invoke("run", "ss1", "--device", "cpu")
    for shown in ("98.75 %", "98.00 %", "0.123 M", "0.235 M", "0.250", "2 min 5 s", "epochs 8 instead of 60"):
        assert shown in result.stdout
    for shown in ("61.00 %", "12.00 %", "44.00 %", "97.00 %"):
        assert re.search(rf"validation: .*{shown}", result.stdout)
    assert "cell normal: 8 edges, 2 of them skips, 8 without parameters, 0 polynomials" in result.stdout
    assert METRICS["honesty"]["settled"] in result.stdout and METRICS["honesty"]["verdict"] in result.stdout
    assert "report:" not in result.stdout  # the fake writes none
    (fake.path / "report.html").write_text("")
    assert f"report: {fake.path}/report.html" in invoke("run", "--resume", str(fake.path)).stdout


def test_progress_without_a_terminal_is_a_line_per_epoch(fake: FakeRun) -> None:
    lines = invoke("run", "ss1", "--device", "cpu").stderr.splitlines()
    assert lines[0] == "search: 4 steps"
    assert lines[1] == "400 of 2000 clips are used [as `data.clips` says]"
    assert lines[2].startswith("search: 2 of 4  epoch 1/2  loss 0.500  accuracy 50.0%  gap 0.300")
    assert lines[3] == "search: 4 of 4  epoch 2/2  loss 0.250  accuracy 100.0%  gap 0.300"


def test_the_metrics_as_json(fake: FakeRun) -> None:
    result = invoke("run", "ss1", "--json")
    assert json.loads(result.stdout) == {"run": str(fake.path), **METRICS}


def test_a_new_run_never_overwrites_one(fake: FakeRun) -> None:
    paths = []
    for _ in range(3):
        assert invoke("run", "ss1", "--set", "nodes=1").exit_code == 0
        paths.append(fake.path.name)
    assert paths == ["ss1-digits-darts-s0", "ss1-digits-darts-s0-2", "ss1-digits-darts-s0-3"]
    result = invoke("run", "ss1", "--set", "nodes=1", "--out", "runs/ss1-digits-darts-s0")
    assert result.exit_code == 0  # it is empty
    (fake.path / "genotype.json").write_text("{}")
    result = invoke("run", "ss1", "--out", str(fake.path))
    assert result.exit_code == 1 and "error[N0701]" in result.stderr and "--resume" in result.stderr


def test_a_dry_run_plans_and_stops(fake: FakeRun) -> None:
    small = ["--device", "cpu", "--set", "nodes=1", "--set", "repeat=0", "--dry-run"]
    result = invoke("run", "ss1", "--data", "sc09", *small)
    assert result.exit_code == 0 and "preset quick" in result.stdout
    data = json.loads(invoke("run", "ss1", "--preset", "paper", "--seed", "4", *small, "--json").stdout)
    assert data["preset"] == "paper" and data["settings"]["seed"] == 4
    assert fake.asked == {} and not Path("runs").exists()


def test_resume_goes_on_as_the_run_says(fake: FakeRun) -> None:
    assert invoke("run", "--resume", "runs/mine").exit_code == 0
    assert fake.path == Path("runs/mine")
    assert fake.asked == {"data_root": None, "device": None, "until": "test"}
    assert invoke("run", "--resume", "runs/mine", "--device", "cpu", "--data-root", "x").exit_code == 0
    assert fake.asked["device"] == "cpu" and fake.asked["data_root"] == Path("x")


def test_an_interrupted_run_says_how_to_go_on(fake: FakeRun) -> None:
    fake.error = KeyboardInterrupt()
    result = invoke("run", "ss1", "--out", "my run", "--device", "cpu")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "interrupted; go on with: dslnas run --resume 'my run'"


def test_an_error_within_a_run_is_a_message(fake: FakeRun) -> None:
    fake.error = fail("N0605", "12 of 20 recordings cannot be used [really]", help="mend them")
    result = invoke("run", "ss1", "--device", "cpu")
    assert result.exit_code == 1
    assert "error[N0605]: 12 of 20 recordings cannot be used [really]" in result.stderr
    assert "= help: mend them" in result.stderr and "Traceback" not in result.output


def test_a_full_disk_is_a_message(fake: FakeRun) -> None:
    fake.error = OSError(28, "No space left on device", "runs/x/weights.safetensors")
    result = invoke("run", "ss1", "--device", "cpu")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "error: No space left on device: runs/x/weights.safetensors"


def test_a_device_that_is_not_there(fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    result = invoke("run", "ss1", "--device", "cuda")
    assert result.exit_code == 1 and "error[N0603]" in result.stderr and fake.asked == {}


@pytest.mark.parametrize(("cuda", "preset"), [(True, "paper"), (False, "quick")])
def test_the_preset_follows_the_machine(
    fake: FakeRun, monkeypatch: pytest.MonkeyPatch, cuda: bool, preset: str
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    assert invoke("run", "ss1").exit_code == 0
    assert fake.asked["experiment"].settings.preset == preset


def test_search_stops_at_the_genotype(fake: FakeRun) -> None:
    result = invoke("search", "sspolasym5", "--data", "fsdd", "--seed", "2")
    assert result.exit_code == 0 and fake.asked["until"] == "search"
    assert fake.path == Path("runs/sspolasym5-fsdd-fairdarts-s2")
    assert f"genotype: {fake.path}/genotype.json" in result.stderr


def test_train_takes_a_genotype_of_a_run(fake: FakeRun, searched: Path) -> None:
    result = invoke("train", str(searched / "genotype.json"), "--data", "sc09")
    assert result.exit_code == 0, result.output
    assert fake.asked["until"] == "train" and fake.asked["genotype"].space == "SS1"
    experiment = fake.asked["experiment"]
    assert experiment.data == "sc09" and experiment.settings.search.parameters["nodes"] == 1
    assert experiment.settings.seed == 5  # the run's own
    assert f"dslnas test {fake.path}" in result.stderr


def test_train_needs_a_genotype(fake: FakeRun) -> None:
    result = invoke("train", "ss1")
    assert result.exit_code == 1 and "error[N0501]" in result.stderr


def test_test_tests_again(fake: FakeRun) -> None:
    result = invoke("test", "runs/mine", "--data-root", "rec")
    assert result.exit_code == 0 and "98.75 %" in result.stdout
    assert fake.asked["data_root"] == Path("rec")


def _predict(
    run: FakeRun, files: Sequence[Path], device: str
) -> tuple[list[Prediction], list[tuple[str, str]]]:
    good = [
        Prediction(str(f), "[two]", 0.75, {"[two]": 0.75, "one": 0.25}) for f in files if f.suffix == ".wav"
    ]
    return good, [(str(f), "format not recognised") for f in files if f.suffix != ".wav"]


def test_predict_tells_labels_and_what_it_could_not_read(
    fake: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dslnas.runs.predict.predict", _predict)
    result = invoke("predict", "runs/mine", "a.wav", "b.txt")
    assert result.exit_code == 0
    assert "[two]" in result.stdout and "75.0 %" in result.stdout and "one 25.0 %" in result.stdout
    assert "skipped b.txt: format not recognised" in result.stderr
    data = json.loads(invoke("predict", "runs/mine", "a.wav", "b.txt", "--json").stdout)
    assert data["predictions"][0]["probabilities"] == {"[two]": 0.75, "one": 0.25}
    assert data["skipped"] == [{"path": "b.txt", "reason": "format not recognised"}]
    assert invoke("predict", "runs/mine", "b.txt").exit_code == 1


@pytest.mark.parametrize("command", [["run", "--resume"], ["test"], ["report"], ["predict"]])
def test_what_is_no_run_folder(tmp_path: Path, command: list[str]) -> None:
    result = invoke(*command, str(tmp_path), *(["a.wav"] if command == ["predict"] else []))
    assert result.exit_code == 1 and "error[N0701]" in result.stderr


# --- the real engine, on real recordings, as small as it gets -------------------------------------------

SMALLEST = "nodes=1 channels=2 repeat=0 search.epochs=1 train.epochs=1 data.clips=100 search.batch=8"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, data_root: Path) -> Path:
    """The folder of a real run that has searched."""
    import torch

    folder = tmp_path_factory.mktemp("real")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(folder / "cache"))
        settings = [word for setting in SMALLEST.split() for word in ("--set", setting)]
        options = ["--data", "fsdd", "--data-root", str(data_root), "--seed", "5", "--device", "cpu"]
        result = invoke("search", "ss1", *options, *settings, "--out", str(folder / "run"), "--json")
    torch.set_num_threads(threads)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["params"]["live"] > 0
    return folder / "run"


def test_a_real_run_from_search_to_prediction(
    searched: Path, data_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(searched.parent / "cache"))
    run = tmp_path / "run"
    shutil.copytree(searched, run)
    early = invoke("test", str(run))
    assert early.exit_code == 1 and "--resume" in early.stderr  # nothing is trained yet
    resumed = invoke("run", "--resume", str(run))
    assert resumed.exit_code == 0, resumed.output
    assert "test accuracy" in resumed.stdout and f"report: {run / 'report.html'}" in resumed.stdout
    accuracy = json.loads((run / "metrics.json").read_text())["test"]["accuracy"]
    again = json.loads(invoke("test", str(run), "--json").stdout)
    assert again["test"]["accuracy"] == accuracy
    (run / "report.html").unlink()
    assert invoke("report", str(run)).stdout == f"{run / 'report.html'}\n"
    assert (run / "report.html").stat().st_size > 1000
    recording = data_root / "free-spoken-digit-dataset" / "recordings" / "7_george_0.wav"
    told = json.loads(invoke("predict", str(run), str(recording), "--json").stdout)
    probabilities = told["predictions"][0]["probabilities"]
    assert len(probabilities) == 10 and sum(probabilities.values()) == pytest.approx(1.0, abs=1e-5)
    assert invoke("predict", str(run), str(run / "metrics.json")).exit_code == 1
