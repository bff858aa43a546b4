"""The judge of a search in whole runs: who trains what, what is told of it, and what old runs meant."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from recordings import TINY, history_of, metrics_of, speakers_of, tiny

from dslnas.base.files import read_json, write_json
from dslnas.base.run_folder import GENOTYPE, METRICS, SETTINGS, WEIGHTS
from dslnas.runs.begin import start, train_genotype
from dslnas.runs.experiment import Experiment
from dslnas.runs.judging import judged_clips, planned_roles
from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.prepared import prepare_data
from dslnas.runs.request import Request
from dslnas.runs.run import Run
from dslnas.train.batches import halves
from dslnas.train.observer import Silent

pytestmark = pytest.mark.usefixtures("tiny_runs")


def spoken(tones: Path, folder: Path, *overrides: str, seed: int = 0) -> Experiment:
    """An experiment on four speakers, of whom one is the test."""
    data = speakers_of(tones, folder / "clips.csv")
    return load("ss1", Request(data=data, overrides=(*TINY, "data.split=speaker", *overrides), seed=seed))


def test_a_speaker_judges_whom_no_weight_has_heard(tones: Path, tmp_path: Path) -> None:
    judges = set()
    for seed in range(3):
        experiment = spoken(tones, tmp_path, seed=seed)
        prepared = prepare_data(experiment, None, Silent())
        clips, groups = judged_clips(experiment, prepared), prepared.train.groups
        sides = [{groups[one] for one in part.tolist()} for part in (clips.weights, clips.architecture)]
        assert (len(sides[0]), len(sides[1])) == (2, 1) and not sides[0] & sides[1]
        assert sorted([*clips.weights.tolist(), *clips.architecture.tolist()]) == [*range(len(groups))]
        assert set(clips.validation.groups) == sides[1]  # who trained no weight of the search
        assert 0 < len(clips.validation) < len(prepared.validation)
        judges |= sides[1]
    assert len(judges) == 3


@pytest.mark.parametrize("split", ["official", "speaker"])
def test_clips_that_judge_are_those_that_always_did(tones: Path, tmp_path: Path, split: str) -> None:
    experiment = spoken(tones, tmp_path, f"data.split={split}", "search.judge=clips", seed=4)
    prepared = prepare_data(experiment, None, Silent())
    clips = judged_clips(experiment, prepared)
    expected = halves(prepared.train.labels, experiment.method.split, 4)
    assert all(torch.equal(*pair) for pair in zip((clips.weights, clips.architecture), expected, strict=True))
    assert clips.validation is prepared.validation


def test_a_run_says_who_trained_who_judged_and_who_is_tested(tones: Path, tmp_path: Path) -> None:
    experiment = spoken(tones, tmp_path, "search.epochs=2", "train.epochs=1")
    run = start(experiment, tmp_path / "run", device="cpu")
    data = run.execute()["data"]
    groups = data["groups"]
    assert data["judge"] == "groups" and groups["test"] == ["speaker3"]
    assert sorted(groups["train"] + groups["architecture"]) == ["speaker0", "speaker1", "speaker2"]
    assert groups["validation"] == ["speaker0", "speaker1", "speaker2"]
    planned = planned_roles(experiment)
    assert planned is not None and planned.problem is None
    assert planned.figures == {"judge": data["judge"], "groups": groups}
    assert to_json(plan(experiment, roles=planned))["data"]["groups"] == groups
    again = train_genotype(run.genotype, experiment, tmp_path / "trained", device="cpu").execute()["data"]
    assert "judge" not in again and "architecture" not in again["groups"]
    assert len(again["groups"]["train"]) == 3  # the network that is tested learns from all of them


def test_a_search_that_strangers_judge_resumes_to_the_same_bits(tones: Path, tmp_path: Path) -> None:
    """The signal among them: what it gathered is in the checkpoint."""
    experiment = spoken(tones, tmp_path, "search.steps=6", "search.warmup=0%", "train.epochs=1")
    once = start(experiment, tmp_path / "once", device="cpu")
    once.execute(until="search")
    run = replace(start(experiment, tmp_path / "run", device="cpu"), checkpoint_seconds=0.0)
    with pytest.raises(KeyboardInterrupt):
        run.execute(_StopsAt(4), until="search")
    Run.open(run.path).execute(until="search")
    assert (run.path / GENOTYPE).read_bytes() == (once.path / GENOTYPE).read_bytes()
    assert history_of(run.path) == history_of(once.path)
    signal = metrics_of(run.path)["signal"]
    assert signal == metrics_of(once.path)["signal"]
    assert {"gradient", "same"} == set(signal["halves"]) and {"movement", "same"} == set(signal["thirds"])


class _StopsAt(Silent):
    """A kill after a step."""

    def __init__(self, step: int) -> None:
        self.step = step

    def advance(self, stage: str, done: int, **figures: float) -> None:
        if stage == "search" and done == self.step:
            raise KeyboardInterrupt


def test_where_no_groups_are_known_a_warning_says_so_in_plan_and_run(tones: Path, tmp_path: Path) -> None:
    experiment = tiny(tones, "search.judge=groups", "search.steps=1", "train.steps=1")
    found = plan(experiment, roles=planned_roles(experiment)).warnings[-1]
    assert (found.code, found.severity) == ("N0605", "warning")
    assert found.location == "--set search.judge:1:1"
    said: list[str] = []

    class Listening(Silent):
        def say(self, text: str) -> None:
            said.append(text)

    metrics = start(experiment, tmp_path / "run", device="cpu").execute(Listening())
    assert metrics["data"]["judge"] == "clips" and "groups" not in metrics["data"]
    (note,) = [text for text in said if "judge" in text]
    assert note in metrics["data"]["notes"]
    assert note.startswith("--set search.judge:1:1: clips judge the search")


def test_the_warning_stands_at_the_words_of_the_file(tones: Path, tmp_path: Path) -> None:
    data = speakers_of(tones, tmp_path / "clips.csv", speakers=2)  # one of them is the test
    path = tmp_path / "mine.nas"
    path.write_text(
        'use "ss1.nas"\nexperiment {\n    space: SS1\n    data.split: speaker\n    search.judge: groups\n}\n'
    )
    experiment = load(path, Request(data=data))
    roles = planned_roles(experiment)
    assert roles is not None and roles.problem is not None
    assert "a single group to train on" in roles.problem.message
    assert roles.problem.location == f"{path}:5:5"
    clips = judged_clips(experiment, prepare_data(experiment, None, Silent()))
    assert len(clips.weights) and len(clips.architecture)


def test_a_run_that_was_begun_before_there_was_a_judge_goes_on_as_it_began(
    tones: Path, tmp_path: Path
) -> None:
    experiment = spoken(tones, tmp_path, "search.steps=2", "train.steps=1")
    path = start(experiment, tmp_path / "run", device="cpu").path
    settings = read_json(path / SETTINGS)
    assert settings["search"].pop("judge") is None
    write_json(path / SETTINGS, settings)
    old = Run.open(path).execute()
    asked = replace_judge(experiment)
    new = start(asked, tmp_path / "asked", device="cpu").execute()
    assert old["data"]["judge"] == new["data"]["judge"] == "clips"
    for name in (GENOTYPE, WEIGHTS):
        assert (path / name).read_bytes() == (tmp_path / "asked" / name).read_bytes()
    assert json.loads((path / METRICS).read_text())["test"] == new["test"]


def replace_judge(experiment: Experiment) -> Experiment:
    """The experiment with clips as its judge."""
    settings = experiment.settings
    search = replace(settings.search, judge="clips")
    overrides = (*experiment.overrides, "search.judge=clips")
    return replace(experiment, settings=replace(settings, search=search), overrides=overrides)


def test_data_that_is_not_there_leaves_the_judge_open(tmp_path: Path) -> None:
    assert planned_roles(load("ss1", Request(data="sc09")), tmp_path) is None
    assert planned_roles(load("ss1", Request(data="digits")), tmp_path) is None
