"""TensorBoard reads of a run what its history holds, also of one that was killed."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import EVENTS, RunFolder
from dslnas.train.events import FILE, EventLog, entropy, scalars
from dslnas.train.loop import Schedule, run_loop
from dslnas.train.observer import Silent

pytest.importorskip("tensorboard", reason="needs `pip install 'dslnas[tensorboard]'`")
SCHEDULE = Schedule(steps=12, per_epoch=4, records=6)


class Killed(Exception):
    """Stands for a kill."""


class Counting:
    """Something trained whose figures are the number of its step."""

    def __init__(self, dies_at: int | None = None) -> None:
        self.at, self.dies_at = 0, dies_at

    def step(self, step: int) -> dict[str, torch.Tensor]:
        if step == self.dies_at:
            raise Killed
        self.at = step + 1
        return {"loss": torch.tensor(float(step))}

    def record(self) -> dict[str, Any]:
        return {"gap": float(self.at), "alpha": {"normal/n1<-a": [0.5, 0.5]}, "gamma": {}}

    def state_dict(self) -> dict[str, Any]:
        return {"at": self.at}

    def load_state_dict(self, state: Any) -> None:
        self.at = state["at"]


def run(path: Path, trainee: Counting, every: float = 0.0) -> None:
    folder, cpu = RunFolder(path), torch.device("cpu")
    run_loop(trainee, "search", SCHEDULE, folder, Silent(), cpu, every, EventLog(path))


def read(path: Path) -> list[tuple[int, dict[str, float]]]:
    """The steps with their scalars, by TensorBoard's own reader."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    events = list(LegacyEventFileLoader(str(path / EVENTS / "search" / FILE)).Load())
    assert events[0].file_version == "brain.Event:2" and not any(one.file_version for one in events[1:])
    return [(one.step, {value.tag: value.simple_value for value in one.summary.value}) for one in events[1:]]


def test_the_records_of_the_history_are_there_by_step(tmp_path: Path) -> None:
    run(tmp_path, Counting())
    found = read(tmp_path)
    assert [step for step, _ in found] == [2, 4, 6, 8, 10, 12]
    assert found[0][1] == {"loss": 0.5, "gap": 2.0, "entropy/alpha": 1.0, "entropy/alpha/normal": 1.0}
    history = RunFolder(tmp_path).history("search")
    assert [(one["step"], one["loss"], one["gap"]) for one in history] == [
        (step, values["loss"], values["gap"]) for step, values in found
    ]


@pytest.mark.parametrize("every", [0.0, 1e9])  # a checkpoint after each step, and none at all
@pytest.mark.parametrize("dies_at", range(1, SCHEDULE.steps))
def test_a_killed_run_goes_on_in_the_same_file_without_duplicates(
    tmp_path: Path, dies_at: int, every: float
) -> None:
    with pytest.raises(Killed):
        run(tmp_path, Counting(dies_at), every)
    path = tmp_path / EVENTS / "search" / FILE
    place, before = path.stat().st_ino, path.read_bytes()
    with path.open("ab") as file:
        file.write(before[-7:] if dies_at % 2 else b"\x05")  # cut in the middle of an event
    run(tmp_path, Counting())
    assert [step for step, _ in read(tmp_path)] == [2, 4, 6, 8, 10, 12]
    assert path.stat().st_ino == place and [one.name for one in path.parent.iterdir()] == [FILE]
    if every == 0.0:
        assert path.read_bytes().startswith(before)


def test_a_run_that_began_without_events_has_all_of_them_in_the_end(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with pytest.raises(Killed):
        run_loop(Counting(7), "search", SCHEDULE, folder, Silent(), torch.device("cpu"), 0.0)
    run(tmp_path, Counting())
    assert [step for step, _ in read(tmp_path)] == [2, 4, 6, 8, 10, 12]


def test_a_file_of_anything_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / EVENTS / "search" / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff" * 100)
    run(tmp_path, Counting())
    assert len(read(tmp_path)) == 6


@pytest.mark.parametrize("record", [{}, {"step": "two"}, {"step": [2]}])
def test_a_record_that_is_none_is_refused(tmp_path: Path, record: dict[str, Any]) -> None:
    with pytest.raises(DslnasError, match="says no step"):
        EventLog(tmp_path).begin("search", [record])


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / EVENTS).touch()
    with pytest.raises(DslnasError, match="cannot be written"):
        EventLog(tmp_path).begin("search", [])


def test_without_tensorboard_the_way_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    with pytest.raises(DslnasError) as told:
        EventLog(tmp_path)
    (diagnostic,) = told.value.diagnostics
    assert diagnostic.code == "N0603" and "dslnas[tensorboard]" in diagnostic.help
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.floats(0, 10), min_size=2, max_size=9))
def test_an_entropy_is_a_share(weights: list[float]) -> None:
    assert 0.0 <= entropy(weights) <= 1.0
    assert entropy([1.0] * len(weights)) == pytest.approx(1.0)
    assert entropy([1.0] + [0.0] * len(weights)) == 0.0


def test_entropies_are_told_by_cell() -> None:
    weights = {"normal/n1<-a": [1.0, 0.0], "reduction/n1<-a": [1.0, 1.0], "reduction/n1<-b": [1.0]}
    found = scalars({"stage": "search", "step": 3, "loss": 1, "alpha": weights, "gamma": None})
    assert found == {
        "loss": 1.0,
        "entropy/alpha": 0.5,
        "entropy/alpha/normal": 0.0,
        "entropy/alpha/reduction": 1.0,
    }
    assert math.isclose(scalars({"gamma": {"n": [3.0, 1.0]}})["entropy/gamma/n"], 0.8112781, rel_tol=1e-6)
