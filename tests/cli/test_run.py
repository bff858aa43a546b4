"""`dslnas run`, with a fake engine and with the real one, whose run is then tested, reported and asked."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from fake_runs import METRICS, FakeRun, invoke

from dslnas.base.diagnostics import fail
from dslnas.runs.threads import Threads


def test_a_run_by_its_shortest_command(fake: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/dslnas", "run", "ss1", "--device", "cpu"])
    result = invoke("run", "ss1", "--device", "cpu")
    assert result.exit_code == 0, result.output
    experiment = fake.asked["experiment"]
    assert (experiment.data, experiment.settings.preset, experiment.settings.seed) == ("digits", "quick", 0)
    assert fake.path == Path("runs/ss1-digits-forcedarts-s0") and fake.asked["until"] == "test"
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
    assert paths == ["ss1-digits-forcedarts-s0", "ss1-digits-forcedarts-s0-2", "ss1-digits-forcedarts-s0-3"]
    result = invoke("run", "ss1", "--set", "nodes=1", "--out", "runs/ss1-digits-forcedarts-s0")
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
    taken = fake.asked.pop("threads")
    assert fake.asked.pop("events") is False
    assert fake.asked == {"data_root": None, "device": None, "until": "test"}
    assert taken.reason == "as OMP_NUM_THREADS says"
    assert invoke("run", "--resume", "runs/mine", "--threads", "3").exit_code == 0
    assert fake.asked["threads"] == Threads(3)
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


@pytest.mark.parametrize("command", [["run", "--resume"], ["test"], ["report"], ["predict"]])
def test_what_is_no_run_folder(tmp_path: Path, command: list[str]) -> None:
    result = invoke(*command, str(tmp_path), *(["a.wav"] if command == ["predict"] else []))
    assert result.exit_code == 1 and "error[N0701]" in result.stderr


# --- the real engine, on real recordings, as small as it gets -------------------------------------------


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
