"""Whole searches without a supernet: what they leave, and that a killed one ends as an undisturbed one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from nested import NESTED
from recordings import metrics_of

import dslnas.report.page
from dslnas.base.run_folder import CHECKPOINT, EVALUATIONS, FRONT, GENOTYPE, SUPERNET
from dslnas.methods.budget import SCORES, parse_requirements
from dslnas.report.front.files import read_ranking
from dslnas.report.front.section import ranking_told
from dslnas.report.page import write_report
from dslnas.runs.begin import start
from dslnas.runs.experiment import Experiment
from dslnas.runs.found.again import ask_again
from dslnas.runs.found.kendall import correlation
from dslnas.runs.found.pick import picked
from dslnas.runs.found.rank import rank
from dslnas.runs.load import load
from dslnas.runs.plan.sampling import planned_sampling
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.search.zerocost.scorer import Scorer

pytestmark = pytest.mark.usefixtures("tiny_runs")
SMALL = (
    "search.batch=4",
    "train.batch=4",
    "train.steps=2",
    "method.evolve=nsga2(population: 4, generations: 2)",
)
GOALS = ("method=zerocost", f"method.maximize={', '.join(SCORES)}")


class Killed(Exception):
    """Stands for a kill: nothing of the run goes on after it."""


@pytest.fixture(scope="module")
def experiment(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    path = tmp_path_factory.mktemp("nested") / "nested.nas"
    path.write_text(NESTED)
    return load(path, Request(data=f"folder:{tones}", overrides=(*GOALS, *SMALL)))


@pytest.fixture(scope="module")
def finished(experiment: Experiment, run_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search that nothing disturbed."""
    path = tmp_path_factory.mktemp("finished") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        patch.setattr(dslnas.report.page, "write_report", lambda path: path / "report.html")
        start(experiment, path, device="cpu").execute(until="search")
    return path


def test_a_search_trains_no_supernet(experiment: Experiment, finished: Path) -> None:
    metrics = metrics_of(finished)
    assert (finished / GENOTYPE).exists() and not (finished / SUPERNET).exists()
    assert "steps" not in metrics["search"] and "judged" not in metrics["search"]
    assert metrics["search"]["random"] == {"asked": "auto", "share": 0.5, "there": False}
    assert "supernet" not in metrics["params"] and "recalibrated" not in metrics["validation"]
    lines = [json.loads(line) for line in (finished / EVALUATIONS).read_text().splitlines()]
    assert len(lines) == 8
    assert all(set(line["figures"]) == {*SCORES, "params", "macs", "memory"} for line in lines)
    plan = planned_sampling(experiment)
    assert plan is not None and (plan.kind, plan.paths, plan.evaluations) == ("none", 0, 8)
    assert experiment.search_steps(10) == 0


def test_a_search_killed_anywhere_comes_to_the_same_front(
    experiment: Experiment, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dslnas.report.page, "write_report", lambda path: path / "report.html")
    real, calls = Scorer.figures, [0]

    def counted(self: Scorer, path: Any) -> dict[str, float]:
        calls[0] += 1
        if calls[0] == 7:
            raise Killed
        return real(self, path)

    killed = tmp_path / "killed"
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Scorer, "figures", counted)
        start(experiment, killed, device="cpu").execute(until="search")
    assert len((killed / EVALUATIONS).read_text().splitlines()) == 6, "each is kept at once"
    assert not (killed / CHECKPOINT).exists()
    Run.open(killed).execute(until="search")
    for product in (GENOTYPE, EVALUATIONS, FRONT):
        assert (killed / product).read_bytes() == (finished / product).read_bytes(), product


def test_a_front_is_asked_again_and_picked_from(finished: Path) -> None:
    run = Run.open(finished)
    lines = [json.loads(line) for line in (finished / EVALUATIONS).read_text().splitlines()]
    middle = sorted(line["figures"]["params"] for line in lines)[4]
    answer = ask_again(run, parse_requirements(f"params < {middle}", "--require"), evolve=False)
    assert answer.front.points and all(one.figures["params"] < middle for one in answer.front.points)
    best = picked(finished, f"params < {middle}", run.experiment)
    assert best.figures["synflow"] == max(
        line["figures"]["synflow"] for line in lines if line["figures"]["params"] < middle
    )


def test_what_a_score_is_worth_stands_beside_what_parameters_are(finished: Path) -> None:
    found = rank(Run.open(finished), 4, steps=1)
    assert found["figure"] == "synflow" and set(found["beside"]) == {"jacob_cov", "naswot", "params", "macs"}
    params, retrained = (
        [one["figures"]["params"] for one in found["networks"]],
        [one["retrained"] for one in found["networks"]],
    )
    assert found["beside"]["params"] == correlation(params, retrained).tau
    assert [one["inherited"] for one in found["networks"]] == [
        one["figures"]["synflow"] for one in found["networks"]
    ]
    page = write_report(finished).read_text()
    assert "What scores are worth" in page and "synflow (log)" in page
    assert "weights of the supernet" not in page
    told = read_ranking(finished)
    assert told is not None and dict(told.beside) == found["beside"] and told.figure == "synflow"
    if told.tau is not None:
        assert "synflow" in ranking_told(told) and "parameters" in ranking_told(told)
