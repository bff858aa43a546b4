"""Whole searches by sampling: what they leave, and that a killed one ends as an undisturbed one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from nested import NESTED
from recordings import history_of, metrics_of, refused, tiny

import dslnas.base.files
import dslnas.report.page
import dslnas.train.weights
from dslnas.base.run_folder import CHECKPOINT, EVALUATIONS, FRONT, GENOTYPE, LATENCY, SUPERNET, WEIGHTS
from dslnas.ir.walk import Chosen, cost
from dslnas.runs.begin import start
from dslnas.runs.experiment import Experiment
from dslnas.runs.latency import Latency
from dslnas.runs.latency.table import read_table
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.runs.searches.sampled import genes_of
from dslnas.search.sampled.judge import Judge
from dslnas.search.sampled.step import SupernetTraining

pytestmark = pytest.mark.usefixtures("tiny_runs")
CPU = torch.device("cpu")
SMALL = ("search.batch=4", "train.batch=4", "search.steps=3", "train.steps=2", "method.random=on")
SHORT = "method.evolve=nsga2(population: 4, generations: 2)"
PRODUCTS = (GENOTYPE, SUPERNET, EVALUATIONS, FRONT)


class Killed(Exception):
    """Stands for a kill: nothing of the run goes on after it."""


@pytest.fixture(scope="module")
def experiment(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    path = tmp_path_factory.mktemp("nested") / "nested.nas"
    path.write_text(NESTED)
    return load(path, Request(data=f"folder:{tones}", overrides=(SHORT, *SMALL)))


@pytest.fixture(scope="module")
def undisturbed(experiment: Experiment, run_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search that nothing disturbed, to be compared with."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        patch.setattr(dslnas.report.page, "write_report", lambda path: path / "report.html")
        start(experiment, path, device="cpu").execute(until="search")
    return path


def killed_at(
    experiment: Experiment, path: Path, patch: pytest.MonkeyPatch, owner: type, name: str, call: int
) -> None:
    """Execute a search up to a call of a method, which is as if it were killed there."""
    real, calls = getattr(owner, name), [0]

    def counted(self: Any, *given: Any) -> Any:
        calls[0] += 1
        if calls[0] == call:
            raise Killed
        return real(self, *given)

    with patch.context() as one:
        one.setattr(owner, name, counted)
        with pytest.raises(Killed):
            replace(start(experiment, path, device="cpu"), checkpoint_seconds=0.0).execute(until="search")


def test_a_search_killed_anywhere_ends_alike(
    experiment: Experiment, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name, call, left in (
        (SupernetTraining, "step", 3, CHECKPOINT),
        (Judge, "figures", 1, SUPERNET),
        (Judge, "figures", 10, EVALUATIONS),
    ):
        killed = tmp_path / f"{name}{call}"
        killed_at(experiment, killed, monkeypatch, owner, name, call)
        assert (killed / left).exists() and not (killed / GENOTYPE).exists()
        Run.open(killed).execute(until="search")
        for product in PRODUCTS:
            assert (killed / product).read_bytes() == (undisturbed / product).read_bytes(), product
        assert history_of(killed) == history_of(undisturbed)
        assert metrics_of(killed) == metrics_of(undisturbed)


def test_what_an_evolution_finds_does_not_depend_on_random_search(
    experiment: Experiment, tmp_path: Path
) -> None:
    runs: dict[str, tuple[dict[str, Any], str, Any]] = {}
    for asked in ("on", "auto"):
        given = (*experiment.overrides, f"method.random={asked}")
        own = load(experiment.path, Request(data=experiment.data, overrides=given))
        run = start(own, tmp_path / asked, device="cpu")
        if asked != "on":  # the same supernet
            (run.path / SUPERNET).write_bytes((tmp_path / "on" / SUPERNET).read_bytes())
        metrics = run.execute(until="search")
        lines = (run.path / EVALUATIONS).read_text()
        runs[asked] = (json.loads((run.path / FRONT).read_text()), lines, metrics["search"]["random"])
    front, lines, said = runs["on"]
    assert said["there"] and said["share"] > 0.1 and front["random"]
    other, fewer, told = runs["auto"]
    assert other["points"] == front["points"] and lines.startswith(fewer) and len(fewer) < len(lines)
    assert not other["random"] and told == {**said, "asked": "auto", "there": False}


@pytest.mark.parametrize("last", [SUPERNET, FRONT, GENOTYPE])
def test_a_kill_right_after_any_product_loses_nothing(
    experiment: Experiment, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    path = tmp_path / "killed"
    write = dslnas.base.files.write_atomically

    def write_and_die(place: Path, data: bytes, code: str = "N0701") -> None:
        write(place, data, code)
        if place.name == last:
            raise Killed

    with monkeypatch.context() as patch:
        for module in (dslnas.base.files, dslnas.train.weights):
            patch.setattr(module, "write_atomically", write_and_die)
        with pytest.raises(Killed):
            start(experiment, path, device="cpu").execute(until="search")
    Run.open(path).execute(until="search")
    assert all((path / product).read_bytes() == (undisturbed / product).read_bytes() for product in PRODUCTS)
    assert metrics_of(path) == metrics_of(undisturbed)
    assert history_of(path) == history_of(undisturbed)


def test_a_run_goes_the_whole_way(experiment: Experiment, tmp_path: Path) -> None:
    run = start(experiment, tmp_path / "run", device="cpu")
    metrics = run.execute()
    genotype, front = run.genotype, json.loads((run.path / FRONT).read_text())
    live = cost(experiment.evaluation, Chosen.of(genotype))
    assert (metrics["params"]["live"], metrics["macs"]["live"]) == (live.params, live.macs)
    (knee,) = [point for point in front["points"] if point["knee"]]
    assert metrics["validation"]["recalibrated"] == knee["figures"]["accuracy"]
    assert (knee["figures"]["params"], knee["figures"]["macs"]) == (live.params, live.macs)
    assert metrics["search"]["steps"] == 3 and metrics["search"]["paths"] == 12
    assert "gap" not in metrics["search"]
    assert set(metrics["time"]) == {"data", "supernet", "search", "train", "test", "total"}
    assert 0 <= metrics["test"]["accuracy"] <= 1 and (run.path / WEIGHTS).exists()
    lines = [json.loads(line) for line in (run.path / EVALUATIONS).read_text().splitlines()]
    assert len({line["key"] for line in lines}) == len(lines)
    for line in lines:
        assert set(line["figures"]) >= {"accuracy", "macro_f1", "params", "macs", "memory"}


def test_cells_are_searched_as_well(tones: Path, tmp_path: Path) -> None:
    run = start(tiny(tones, "method=nasc", SHORT, *SMALL), tmp_path / "run", device="cpu")
    metrics = run.execute()
    assert metrics["search"]["paths"] == 11
    assert metrics["honesty"]["cells"]["reduction"]["edges"] == 4
    assert run.genotype.method == "nasc"


def test_what_no_network_keeps_to_is_told(tones: Path, tmp_path: Path) -> None:
    from dslnas.methods.budget import Requirement

    one = tiny(tones, "method=nasc", SHORT, *SMALL)
    bound = Requirement("memory", 1024.0, "memory < 1KB")
    run = start(replace(one, method=replace(one.method, require=(bound,))), tmp_path / "run", device="cpu")
    help = refused("N0601", "keeps to `memory < 1KB`", lambda: run.execute(until="search"))
    assert "front.json" in help and (run.path / FRONT).exists() and not (run.path / GENOTYPE).exists()


def test_latencies_are_measured_once_and_kept(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (*experiment.overrides, "method.minimize=latency")
    experiment = load(experiment.path, Request(data=experiment.data, overrides=asked))
    path = tmp_path / "run"
    killed_at(experiment, path, monkeypatch, Judge, "figures", 6)
    table, before = (path / LATENCY).read_bytes(), (path / EVALUATIONS).read_text()
    Run.open(path).execute(until="search")
    assert (path / LATENCY).read_bytes() == table
    lines = (path / EVALUATIONS).read_text()
    assert lines.startswith(before)
    genes, latency = genes_of(experiment), Latency(experiment.evaluation, read_table(path / LATENCY))
    for line in map(json.loads, lines.splitlines()):
        decided = {id: one if isinstance(one, str) else tuple(one) for id, one in line["candidate"].items()}
        assert line["figures"]["latency"] == latency.seconds(genes.policy(decided))


def averaging(experiment: Experiment) -> Experiment:
    return replace(experiment, method=replace(experiment.method, average=0.9, retrain_warmup=1))


def test_what_is_validated_and_saved_is_the_average(tones: Path, tmp_path: Path) -> None:
    found: Sequence[dict[str, Any]] = []
    for name in ("plain", "averaged"):
        one = tiny(tones, "method=random", "train.steps=3")
        run = start(averaging(one) if name == "averaged" else one, tmp_path / name, device="cpu")
        metrics = run.execute(until="train")
        last = [line for line in history_of(run.path) if line["stage"] == "train"][-1]
        assert metrics["validation"]["retrained"] == last["validation_accuracy"]
        found = [*found, run.network(CPU).state_dict()]
    plain, averaged = found
    assert set(plain) == set(averaged)
    assert any(not torch.equal(plain[key], averaged[key]) for key in plain)


HEARD = "logmel(choose {8, 16}, rate: 8kHz, clip: 400ms, window: choose {32ms, 64ms}, hop: 16ms)"


def test_a_front_end_is_searched_as_well(
    tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "heard.nas"
    path.write_text(NESTED)
    overrides = (SHORT, *SMALL, f"frontend={HEARD}")
    experiment = load(path, Request(data=f"folder:{tones}", overrides=overrides))
    assert len(experiment.ways) == 4
    (point,) = experiment.frontends.points
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    metrics = start(experiment, whole, device="cpu").execute()
    run = Run.open(whole)
    assert run.experiment.frontend in [way.frontend for way in experiment.ways]
    assert 0 <= metrics["test"]["accuracy"] <= 1
    lines = [json.loads(line) for line in (whole / EVALUATIONS).read_text().splitlines()]
    assert len({line["candidate"][point.id] for line in lines}) == 4
    killed_at(experiment, killed, monkeypatch, Judge, "figures", 7)
    Run.open(killed).execute()
    for product in (*PRODUCTS, WEIGHTS):
        assert (killed / product).read_bytes() == (whole / product).read_bytes(), product


def test_latency_is_measured_before_anything_is_evaluated(
    experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dslnas.methods.budget import Requirement

    bound = Requirement("latency", 10.0, "latency < 10s")
    asking = replace(experiment, method=replace(experiment.method, require=(bound,)))
    killed = tmp_path / "killed"
    killed_at(asking, killed, monkeypatch, Judge, "figures", 2)
    table = (killed / LATENCY).read_bytes()
    run = replace(Run.open(killed), experiment=asking)
    metrics = run.execute(until="search")
    assert (killed / LATENCY).read_bytes() == table
    assert metrics["latency"]["networks"] > 0
    front = json.loads((killed / FRONT).read_text())
    assert all(0 < point["figures"]["latency"] < 10.0 for point in front["points"])
