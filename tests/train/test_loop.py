"""The loop: records, checkpoints, resumption at any step, and a training that diverges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import CHECKPOINT, HISTORY, RunFolder
from dslnas.train.checkpoint import load_checkpoint, save_checkpoint
from dslnas.train.loop import Means, Schedule, run_loop
from dslnas.train.observer import Silent

CPU = torch.device("cpu")
SCHEDULE = Schedule(steps=20, per_epoch=5, records=4)


class Killed(Exception):
    """Stands for a kill: nothing of the loop runs after it."""


class Walk:
    """Its state is a chain of sums: it comes out alike only if every step is done once and in order."""

    def __init__(self, dies_at: int | None = None, diverges_at: int | None = None) -> None:
        self.position = torch.tensor(1.0, dtype=torch.float64)
        self.dies_at, self.diverges_at = dies_at, diverges_at
        self.steps: list[int] = []

    def step(self, step: int) -> Mapping[str, Tensor]:
        if step == self.dies_at:
            raise Killed
        self.steps.append(step)
        self.position = torch.sin(self.position * 3 + step)
        loss = self.position * (float("nan") if step == self.diverges_at else 1.0)
        return {"loss": loss, **({"late": loss} if step >= 7 else {})}

    def record(self) -> dict[str, Any]:
        return {"gap": float(self.position), "alpha": {"e": [round(float(self.position), 6)]}}

    def state_dict(self) -> dict[str, Any]:
        return {"position": self.position}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.position = state["position"]


def new_folder(path: Path) -> RunFolder:
    path.mkdir()
    return RunFolder(path)


def run(folder: RunFolder, walk: Walk, every: float = 0.0, stage: str = "search") -> float:
    return run_loop(walk, stage, SCHEDULE, folder, Silent(), CPU, every)


def history(folder: RunFolder) -> list[dict[str, Any]]:
    lines = (folder.path / HISTORY).read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines]


@pytest.mark.parametrize("dies_at", range(SCHEDULE.steps))
def test_a_run_killed_before_any_step_ends_alike(tmp_path: Path, dies_at: int) -> None:
    whole, folder = new_folder(tmp_path / "whole"), new_folder(tmp_path / "killed")
    undisturbed = Walk()
    run(whole, undisturbed)
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=dies_at))
    again = Walk()
    run(folder, again)
    assert again.steps == list(range(dies_at, SCHEDULE.steps))
    assert torch.equal(again.position, undisturbed.position)
    assert history(folder) == history(whole)


def test_records_written_after_the_last_checkpoint_are_written_once(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=6), every=0.0)
    checkpoint = (folder.path / CHECKPOINT).read_bytes()
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=17), every=0.0)
    (folder.path / CHECKPOINT).write_bytes(checkpoint)  # as if the later ones had not come yet
    with (folder.path / HISTORY).open("a") as file:
        file.write('{"stage": "search", "epo')  # a line that the kill cut short
    run(folder, Walk())
    assert [line["step"] for line in history(folder)] == [5, 10, 15, 20]


def test_without_a_checkpoint_the_stage_begins_anew(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    folder.append_history({"stage": "search", "step": 1})
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=12), every=1e9, stage="train")
    assert not folder.has(CHECKPOINT)
    walk = Walk()
    run(folder, walk, stage="train")
    assert walk.steps == list(range(20))
    assert [(line["stage"], line["step"]) for line in history(folder)] == [
        ("search", 1), ("train", 5), ("train", 10), ("train", 15), ("train", 20),
    ]  # fmt: skip


def test_a_checkpoint_of_another_stage_is_not_taken_up(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=12))
    walk = Walk()
    run(folder, walk, stage="train")
    assert walk.steps == list(range(20))


def test_seconds_go_on_from_the_checkpoint(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=12))
    state = load_checkpoint(folder)
    assert state is not None
    save_checkpoint(folder, {**state, "seconds": 1000.0})
    assert 1000 < run(folder, Walk()) < 1100


def test_a_record_holds_the_means_since_the_last_one(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    run(folder, Walk())
    walk, losses = Walk(), []
    for step in range(20):
        losses.append(float(walk.step(step)["loss"]))
    lines = history(folder)
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert {line["epochs"] for line in lines} == {4}
    for place, line in enumerate(lines):
        assert line["loss"] == pytest.approx(sum(losses[5 * place : 5 * place + 5]) / 5)
    assert "late" not in lines[0]
    assert lines[1]["late"] == pytest.approx(sum(losses[7:10]) / 3)  # a figure counts where there is one


@given(st.integers(1, 300), st.integers(1, 60), st.integers(1, 50))
def test_records_are_spread_evenly_and_the_last_step_has_one(
    steps: int, records: int, per_epoch: int
) -> None:
    schedule = Schedule(steps, per_epoch, min(records, steps))
    written = [step for step in range(1, steps + 1) if schedule.records_after(step)]
    assert len(written) == schedule.records
    assert written[-1] == steps
    apart = [b - a for a, b in zip([0, *written], written, strict=False)]
    assert max(apart) - min(apart) <= 1
    assert schedule.epochs(per_epoch) == 1.0
    assert schedule.epochs(3 * per_epoch) == 3.0


@pytest.mark.parametrize("step", [0, 3, 4, 19])
@pytest.mark.parametrize("every", [0.0, 1e9])
def test_a_training_that_diverges_stops_and_says_where(tmp_path: Path, step: int, every: float) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(DslnasError) as caught:
        run(folder, Walk(diverges_at=step), every)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0601"
    told = step + 1 if every == 0.0 else -(-(step + 1) // 5) * 5
    assert diagnostic.message == f"the search diverged: loss is nan at step {told}/20"
    assert "learning rate" in diagnostic.help
    if folder.has(CHECKPOINT):
        state = load_checkpoint(folder)
        assert state is not None
        assert state["done"] <= step  # what has diverged is never kept


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "no checkpoint": b"PK\x03\x04 nothing of the kind",
    "text": b"hello",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_checkpoint_is_told(tmp_path: Path, content: bytes) -> None:
    folder = new_folder(tmp_path / "run")
    (folder.path / CHECKPOINT).write_bytes(content)
    _refused(folder, "cannot be read")


def test_a_checkpoint_cut_short_is_told(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=12))
    path = folder.path / CHECKPOINT
    path.write_bytes(path.read_bytes()[:-100])
    _refused(folder, "cannot be read")


@pytest.mark.parametrize(
    "change",
    [
        {"done": 20},
        {"done": 0},
        {"done": "soon"},
        {"state": {}},
        {"state": None},
        {"means": {"sums": 3, "counts": {}}},
        {"seconds": None},
    ],
)
def test_a_checkpoint_of_another_run_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=12))
    state = load_checkpoint(folder)
    assert state is not None
    save_checkpoint(folder, {**state, **change})
    _refused(folder, "does not fit this run")


def test_a_history_shorter_than_at_the_checkpoint_is_told(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "run")
    with pytest.raises(Killed):
        run(folder, Walk(dies_at=12))
    (folder.path / HISTORY).write_text("")
    _refused(folder, "lacks records that were written before the checkpoint")


@pytest.mark.parametrize("line", ["{", "[1]", "{}", "\x00", '"search"'])
def test_a_broken_line_of_the_history_is_told(tmp_path: Path, line: str) -> None:
    folder = new_folder(tmp_path / "run")
    (folder.path / HISTORY).write_text(f"{line}\n")
    _refused(folder, f"{HISTORY}:1: this is no record")


def _refused(folder: RunFolder, message: str) -> None:
    with pytest.raises(DslnasError) as caught:
        run(folder, Walk())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N0701"
    assert message in diagnostic.message
    assert diagnostic.help


def test_means_of_figures_that_come_and_go() -> None:
    means = Means()
    for number in range(4):
        means.add({"a": torch.tensor(float(number)), **({"b": torch.tensor(1.0)} if number else {})})
    assert means.read() == {"a": 1.5, "b": 1.0}
