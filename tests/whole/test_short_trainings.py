"""Whole searches whose networks are each trained for a short while, and networks drawn within a budget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from nested import NESTED
from recordings import metrics_of

import dslnas.report.page
from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import EVALUATIONS, FRONT, GENOTYPE, SUPERNET
from dslnas.ir.genotype import read
from dslnas.ir.walk import Chosen, cost
from dslnas.runs.begin import start
from dslnas.runs.experiment import Experiment
from dslnas.runs.found.rank import trained_anew
from dslnas.runs.load import load
from dslnas.runs.plan.sampling import planned_sampling
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.runs.searches.alone import ShortTraining, alone_on
from dslnas.train.observer import Silent

pytestmark = pytest.mark.usefixtures("tiny_runs")
SMALL = ("search.batch=4", "train.batch=4", "train.steps=4")
SHORT = ("method=random_search", "method.supernet=none(train: 2)", "method.evolve=random(sample: 4)")
CPU = torch.device("cpu")


class Killed(Exception):
    """Stands for a kill: nothing of the run goes on after it."""


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nested") / "nested.nas"
    path.write_text(NESTED)
    return path


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No report is written: others test it."""
    monkeypatch.setattr(dslnas.report.page, "write_report", lambda path: path / "report.html")


def experiment(space: Path, tones: Path, *more: str) -> Experiment:
    return load(space, Request(data=f"folder:{tones}", overrides=(*SMALL, *more)))


def lines_of(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / EVALUATIONS).read_text().splitlines()]


@pytest.mark.usefixtures("quiet")
def test_each_network_is_trained_alone_and_a_kill_changes_nothing(
    space: Path, tones: Path, run_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure is that of a training of the network alone on the clips that do not judge, to the bit."""
    monkeypatch.setenv("DSLNAS_CACHE", str(run_cache))
    own = experiment(space, tones, *SHORT)
    start(own, tmp_path / "once", device="cpu").execute(until="search")
    assert not (tmp_path / "once" / SUPERNET).exists()
    found, lines = read(tmp_path / "once" / GENOTYPE), lines_of(tmp_path / "once")
    assert len(lines) == 4 and {line["by"] for line in lines} == {"random"}
    prepared = prepare_data(own, None, Silent())
    best = trained_anew(own.shortened(2), found, prepared, CPU, Silent())
    assert best == max(line["figures"]["accuracy"] for line in lines)

    real, calls = ShortTraining.figures, [0]

    def counted(self: ShortTraining, path: Any) -> dict[str, float]:
        calls[0] += 1
        if calls[0] == 3:
            raise Killed
        return real(self, path)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(ShortTraining, "figures", counted)
        start(own, tmp_path / "killed", device="cpu").execute(until="search")
    assert len(lines_of(tmp_path / "killed")) == 2, "each is kept at once"
    Run.open(tmp_path / "killed").execute(until="search")
    for product in (GENOTYPE, EVALUATIONS, FRONT):
        assert (tmp_path / "killed" / product).read_bytes() == (tmp_path / "once" / product).read_bytes()


def test_a_figure_depends_on_the_network_alone(space: Path, tones: Path) -> None:
    own = experiment(space, tones, *SHORT)
    genes_first = [{**one.options} for one in _paths(own)]
    judge = alone_on(own, (prepare_data(own, None, Silent()),))(CPU)
    forth = list(judge.figures_of(_paths(own)))
    assert list(judge.figures_of(_paths(own)[::-1])) == forth[::-1] and len(genes_first) == 3


def _paths(own: Experiment) -> list[Chosen]:
    from random import Random

    from dslnas.runs.searches.sampled import genes_of

    genes = genes_of(own)
    return [genes.policy(genes.draw(Random(number))) for number in range(3)]


@pytest.mark.usefixtures("quiet")
def test_what_is_drawn_keeps_to_the_budget(
    space: Path, tones: Path, run_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(run_cache))
    free = experiment(space, tones, "method=random")
    middle = planned_sampling(free).prices[0].median
    budget = f"method.require=params < {middle:.0f}"
    for more in (("method=random",), SHORT):
        for seed in range(3):
            own = load(space, Request(data=f"folder:{tones}", seed=seed, overrides=(*SMALL, *more, budget)))
            run = tmp_path / f"{more[0]}-{seed}"
            start(own, run, device="cpu").execute(until="search")
            found = read(run / GENOTYPE)
            live = cost(own.evaluation, Chosen.of(found)).params
            assert live < middle and metrics_of(run)["params"]["live"] == live
            if more == SHORT:
                assert all(line["figures"]["params"] < middle for line in lines_of(run))


@pytest.mark.usefixtures("quiet")
def test_a_budget_that_nothing_keeps_to_is_told(
    space: Path, tones: Path, run_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(run_cache))
    own = experiment(space, tones, "method=random", "method.require=memory < 0.001KB")
    with pytest.raises(DslnasError) as told:
        start(own, tmp_path / "run", device="cpu").execute(until="search")
    assert told.value.diagnostics[0].code == "N0601" and "memory < 0.001KB" in str(told.value)
