"""Runs that prune another: they stand by themselves, go on where they were killed, and tell what they did."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from recordings import metrics_of, refused, tiny

from dslnas.base.run_folder import CHECKPOINT, GENOTYPE, PRUNING, SETTINGS, SPACE, TEACHER, TRIALS, WEIGHTS
from dslnas.ir.genotype import read
from dslnas.runs.begin import start, start_pruning
from dslnas.runs.pruning.asked import Asked, read_asked
from dslnas.runs.pruning.work import asked_of
from dslnas.runs.run import Run

pytestmark = pytest.mark.usefixtures("tiny_runs")


def pruned(source: Path, out: Path, method: str, **more: Any) -> Run:
    run = Run.open(source)
    asked = asked_of(run.folder, run.experiment, run.genotype, method, **more)
    return start_pruning(run, asked, out, command="dslnas prune")


@pytest.mark.parametrize("method", ["chance", "l1", "taylor"])
def test_a_rival_keeps_as_many_nodes_as_it_is_asked_for(whole: Path, tmp_path: Path, method: str) -> None:
    run = pruned(whole, tmp_path / "pruned", method, nodes="1/2")
    metrics = run.execute()
    found = metrics["pruning"]
    assert found["nodes"]["before"] == 2 * len(found["kept"])
    assert found["nodes"]["after"] == sum(map(len, found["kept"].values()))
    assert found["nodes"]["before"] / 2 <= found["nodes"]["after"] < found["nodes"]["before"]
    assert found["params"]["after"] == metrics["params"]["live"] <= found["params"]["before"]
    assert sum(p.numel() for p in run.network(torch.device("cpu")).parameters()) == metrics["params"]["live"]
    assert read(run.path / GENOTYPE).positions


@pytest.mark.parametrize(("of", "method"), [("edges", "l1"), ("channels", "taylor")])
def test_edges_and_channels_are_removed_until_a_bound_is_met(
    whole: Path, tmp_path: Path, of: str, method: str
) -> None:
    """The order says what they are, and so does what goes on from it."""
    of_them = {"overrides": (f"method.of={of}",)}
    run = pruned(whole, tmp_path / "pruned", method, to="macs < 70%", **of_them)
    assert read_asked(run.path, run.experiment).method.of == of
    metrics = run.execute()
    found = metrics["pruning"]
    assert found["parts"] == of
    assert found["macs"]["after"] == metrics["macs"]["live"] < 0.7 * found["macs"]["before"]
    assert 0 < found[of]["after"] < found[of]["before"]
    positions = read(run.path / GENOTYPE).positions
    assert any(one.edges if of == "edges" else one.channels for one in positions)
    if of == "edges":
        assert found["edges"]["after"] == sum(map(len, found["kept"].values()))
    share = lambda: pruned(whole, tmp_path / "no", method, nodes="1/2", **of_them)  # noqa: E731
    refused("N0603", f"removes {of}", share)
    refused("N0603", f"ranks {of}", lambda: pruned(whole, tmp_path / "no", method, **of_them))


class Stop(Exception):
    """Stands for a kill."""


class Killer:
    """An observer that kills a run at a step of its pruning."""

    def __init__(self, at: int) -> None:
        self.at = at

    def begin(self, stage: str, total: int) -> None:
        """Let a stage begin."""

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """Kill the run at its step."""
        if stage == "prune" and done >= self.at:
            raise Stop

    def say(self, text: str) -> None:
        """Say nothing."""


def test_a_killed_game_ends_as_an_undisturbed_one(whole: Path, tmp_path: Path) -> None:
    once = pruned(whole, tmp_path / "once", "gal", nodes="1/2", epochs=3)
    once.execute()
    killed = pruned(whole, tmp_path / "killed", "gal", nodes="1/2", epochs=3)
    with pytest.raises(Stop):
        replace(killed, checkpoint_seconds=0.0).execute(Killer(12))
    Run.open(killed.path).execute()
    for name in (GENOTYPE, WEIGHTS):
        assert (killed.path / name).read_bytes() == (once.path / name).read_bytes()
    assert metrics_of(killed.path) == metrics_of(once.path)


def test_what_cannot_be_pruned_is_told_before_there_is_a_folder(
    whole: Path, tones: Path, tmp_path: Path
) -> None:
    run = Run.open(whole)

    def asks(method: str, nodes: str | None = None, to: str | None = None) -> Asked:
        return asked_of(run.folder, run.experiment, run.genotype, method, nodes, to)

    refused("N0603", "does not say how many to keep", lambda: asks("taylor"))
    refused("N0603", "are two goals", lambda: asks("l1", "1/2", "params < 1k"))
    refused("N0603", "has a scale", lambda: asks("bn", "1/2"))
    refused("N0201", "no method `gall`", lambda: asks("gall", "1/2"))
    refused("N0601", "makes no trained network smaller", lambda: asks("darts", "1/2"))
    refused("N0601", "makes no trained network smaller", lambda: asks("random", "1/2"))
    refused("N0603", "asks for fewer", lambda: asks("l1", None, "params < 10"))
    new = start(tiny(tones), tmp_path / "new", device="cpu", command="dslnas run").folder
    genotype = run.genotype
    refused("N0701", "no trained network", lambda: asked_of(new, run.experiment, genotype, "l1", "1/2"))


def test_a_bound_is_approached_by_games_and_a_kill_between_any_two_changes_nothing(
    whole: Path, tmp_path: Path
) -> None:
    """The games that are over stand in a file, so that a run goes on with the next."""
    given = {"to": "params < 80%", "epochs": 2, "overrides": ("method.masks=fista(lr: 0.02)",)}
    once = pruned(whole, tmp_path / "once", "gal", **given)
    found = once.execute()["pruning"]
    assert found["params"]["after"] < 0.8 * found["params"]["before"]
    trials = json.loads((once.path / TRIALS).read_text())["trials"]
    assert len({one["sparse"] for one in trials}) == len(trials) >= 2
    killed = pruned(whole, tmp_path / "killed", "gal", **given)
    with pytest.raises(Stop):
        replace(killed, checkpoint_seconds=0.0).execute(Killer(5))
    shorter = {**json.loads((once.path / TRIALS).read_text()), "trials": trials[:1]}
    (killed.path / TRIALS).write_text(json.dumps(shorter))
    (killed.path / CHECKPOINT).unlink()
    Run.open(killed.path).execute()
    for name in (GENOTYPE, WEIGHTS):
        assert (killed.path / name).read_bytes() == (once.path / name).read_bytes()
    again = json.loads((killed.path / TRIALS).read_text())["trials"]
    assert [one["scores"] for one in again] == [one["scores"] for one in trials]


def test_a_folder_is_a_run_only_with_all_that_it_is_to_prune(whole: Path, tmp_path: Path) -> None:
    """The settings make a folder a run; what a kill leaves without them would search otherwise."""
    run = pruned(whole, tmp_path / "pruned", "chance", nodes="1/2")
    order = {name: (run.path / name).stat().st_mtime_ns for name in (PRUNING, TEACHER, SETTINGS)}
    assert max(order, key=lambda name: order[name]) == SETTINGS
    assert (run.path / SPACE).read_bytes() == (whole / SPACE).read_bytes()


def test_an_order_of_an_earlier_version_means_what_it_meant(whole: Path, tmp_path: Path) -> None:
    run = pruned(whole, tmp_path / "earlier", "gal", nodes="1/2", epochs=3)
    path = run.path / PRUNING
    data = json.loads(path.read_text()) | {"version": 1, "method": "gal"}
    del data["text"]
    path.write_text(json.dumps(data))
    game = read_asked(run.path, run.experiment).method.game
    assert (game.epochs, game.keep, game.patience, game.trials) == (3, 0.0, None, 1)
    path.write_text(json.dumps(data | {"method": "chance"}))
    refused("N0701", str(path), lambda: read_asked(run.path, run.experiment))


def test_a_method_of_a_file_and_its_changes_are_kept_with_the_run(whole: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.nas"
    text = "method small = gal with {\n    masks: fista(lr: 0.5)\n    patience: none\n}"
    file.write_text(f'use "lib/methods.nas"\n{text}\n')
    run = pruned(whole, tmp_path / "own", str(file), nodes="1/2", overrides=("method.keep=0.5",), epochs=1)
    file.unlink()
    game = read_asked(run.path, Run.open(run.path).experiment).method.game
    assert (game.rate, game.keep, game.patience, game.epochs) == (0.5, 0.5, None, 1)


def test_a_network_is_pruned_once(whole: Path, tmp_path: Path) -> None:
    run = pruned(whole, tmp_path / "once", "chance", nodes="1/2")
    run.execute()
    again = Run.open(run.path)
    given = (again.folder, again.experiment, again.genotype)
    refused("N0603", "removed already", lambda: asked_of(*given, "chance", "1/2"))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"},
        {"version": 3},
        {"method": "none"},
        {"text": "method l1 {"},
        {"text": 3},
        {"method": ""},
        {"nodes": 3},
        {"epochs": 0},
        {"before": 1},
    ],
)
def test_an_order_that_is_broken_is_told(whole: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    run = pruned(whole, tmp_path / "broken", "chance", nodes="1/2")
    path = run.path / PRUNING
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    refused("N0701", str(path), run.execute)
