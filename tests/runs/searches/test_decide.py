"""Runs whose networks are decided in the supernet: never worse by the judge, and the same after a kill."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from recordings import metrics_of
from three_choices import three_choices

from dslnas.base.run_folder import CHECKPOINT, GENOTYPE, METRICS
from dslnas.ir.genotype import read
from dslnas.report.fields import Tree
from dslnas.report.reader.decided import decided as decided_in
from dslnas.runs.begin import start
from dslnas.runs.found.rank import trained_anew
from dslnas.runs.prepared import prepare_data
from dslnas.runs.run import Run
from dslnas.train.observer import Silent

pytestmark = pytest.mark.usefixtures("tiny_runs")
WAYS = ("rerank(sample: 4)", "perturb(tune: 1, clips: 6)", "rerank(sample: 4, train: 2)")


class Stops(Silent):
    """Ends the work in the midst of the decisions."""

    def advance(self, stage: str, done: int, **figures: float) -> None:
        if stage == "decide" and done == 3:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def decided(
    tones: Path, run_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, Path]]:
    """By way: a run that was not disturbed, and one that was killed while it decided and went on."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        for way in WAYS:
            folder = tmp_path_factory.mktemp("decide")
            experiment = three_choices(folder, f"folder:{tones}", f"method.prune={way}", "search.travel=0.1")
            start(experiment, folder / "once", device="cpu").execute(until="search")
            run = start(experiment, folder / "killed", device="cpu")
            object.__setattr__(run, "checkpoint_seconds", 0.0)
            with pytest.raises(KeyboardInterrupt):
                run.execute(Stops(), until="search")
            assert (run.path / CHECKPOINT).is_file() and not (run.path / GENOTYPE).is_file()
            Run.open(run.path).execute(until="search")
            found[way] = (folder / "once", run.path)
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_kill_changes_nothing(decided: dict[str, tuple[Path, Path]], way: str) -> None:
    once, killed = decided[way]
    assert (once / GENOTYPE).read_bytes() == (killed / GENOTYPE).read_bytes()
    assert metrics_of(once) == metrics_of(killed)
    assert not (killed / CHECKPOINT).exists()


@pytest.mark.parametrize("way", [WAYS[0], WAYS[2]])
def test_the_best_candidate_is_never_worse_than_that_of_the_weights(
    decided: dict[str, tuple[Path, Path]], way: str
) -> None:
    told = metrics_of(decided[way][0])["decide"]
    accuracies = [one["accuracy"] for one in told["candidates"]]
    assert len(accuracies) == 4 and told["by"] == "rerank"
    assert accuracies[told["chosen"]] == max(accuracies) >= accuracies[0]
    assert [one["differs"] > 0 for one in told["candidates"]] == [False, True, True, True]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_said_of_margins_and_the_report_says_how_it_was_decided(
    decided: dict[str, tuple[Path, Path]], way: str
) -> None:
    metrics = metrics_of(decided[way][0])
    assert metrics["honesty"]["decisions"] == metrics["honesty"]["selections"] == []
    told = decided_in(Tree(METRICS, metrics))
    assert told is not None
    clips = metrics["decide"]["clips"]
    if way != WAYS[1]:
        how = "after 2 steps of training each" if way == WAYS[2] else "with the weights of the supernet"
        assert f"4 genotypes drawn by the final weights were judged {how} on {clips} clips" in told.sentence
        assert len(told.rows) == 4 and sum(taken for _, taken in told.rows) == 1 and told.rows[0][1]
    else:
        assert clips == 6 and "without which the supernet recognises least of 6 clips" in told.sentence
        assert {row[0] for row, _ in told.rows} == {f"network/choose_{number}" for number in (1, 2, 3)}


def test_metrics_of_another_form_say_nothing() -> None:
    broken = ({}, {"by": "rerank"}, {"by": "rerank", "candidates": [{}], "chosen": 0}, {"by": "luck"})
    for data in (*broken, {"by": "perturb", "rows": [{}], "decisions": 1, "as_weights": 1}):
        assert decided_in(Tree(METRICS, {"decide": data})) is None


def test_genotypes_that_are_drawn_are_trained_each_by_itself(
    tones: Path, run_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A figure is that of a training of the genotype alone on the clips that do not judge, to the bit."""
    monkeypatch.setenv("DSLNAS_CACHE", str(run_cache))
    settings = ("method=darts", "method.arch=none", "method.prune=rerank(sample: 3, train: 3)")
    experiment = three_choices(tmp_path, f"folder:{tones}", *settings)
    run = start(experiment, tmp_path / "run", device="cpu")
    run.execute(until="search")
    told = metrics_of(run.path)["decide"]
    found = read(run.path / GENOTYPE)
    prepared, device = prepare_data(experiment, None, Silent()), torch.device("cpu")
    alone = trained_anew(experiment.shortened(3), found, prepared, device, Silent())
    best = told["candidates"][told["chosen"]]["accuracy"]
    assert alone == best == max(one["accuracy"] for one in told["candidates"])
    assert metrics_of(run.path)["search"]["steps"] == 0
