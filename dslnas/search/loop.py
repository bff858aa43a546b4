"""The loop around every kind of training: progress, history, checkpoints; a killed run resumes to the same result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from ..folder import Observer, RunFolder

CHECKPOINT_SECONDS = 10.0
FIGURES_SECONDS = 0.5


class Trainee(Protocol):
    """What is trained, one step at a time; everything about a step follows from its number."""

    def step(self, step: int) -> Mapping[str, Tensor]:
        """Do a step (from 0) and return its figures as scalars on the device."""
        ...

    def record(self) -> dict[str, Any]:
        """What the history keeps beside the figures; called between steps."""
        ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True)
class Schedule:
    """steps in all and in an epoch; records: how often the history is written."""

    steps: int
    per_epoch: int
    records: int

    def records_after(self, step: int) -> bool:
        """Whether the history is written once `step` steps are done: evenly spread, the last step among them."""
        return step * self.records // self.steps > (step - 1) * self.records // self.steps


class Means:
    """Running means of figures, kept on the device until they are asked for."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, figures: Mapping[str, Tensor]) -> None:
        for name, value in figures.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
            self._counts[name] = self._counts.get(name, 0) + 1

    def read(self) -> dict[str, float]:
        """The means as numbers; waits for the device."""
        return {name: float(total) / self._counts[name] for name, total in self._sums.items()}


def run_loop(trainee: Trainee, stage: str, schedule: Schedule, folder: RunFolder, observer: Observer) -> float:
    """Do the steps that are not yet done; returns the seconds that the whole stage took."""
    done, seconds = _resume(trainee, stage, folder)
    observer.begin(stage, schedule.steps)
    started = saved = shown = time.monotonic()
    means = Means()
    for step in range(done, schedule.steps):
        means.add(trainee.step(step))
        now = time.monotonic()
        epoch = (step + 1) / schedule.per_epoch
        if schedule.records_after(step + 1):
            figures = means.read()
            means = Means()
            place = {"stage": stage, "epoch": epoch, "epochs": schedule.steps / schedule.per_epoch, "step": step + 1}
            line = {**place, **figures, **trainee.record(), "seconds": seconds + now - started}
            folder.append_history(line)
            numbers = {name: value for name, value in line.items() if isinstance(value, float)}
            observer.advance(stage, step + 1, **numbers)
            if now - saved > CHECKPOINT_SECONDS and step + 1 < schedule.steps:
                _save(trainee, stage, folder, step + 1, seconds + now - started)
                saved = now
        elif now - shown > FIGURES_SECONDS:
            observer.advance(stage, step + 1, epoch=epoch, **means.read())
            shown = now
    return seconds + time.monotonic() - started


def _save(trainee: Trainee, stage: str, folder: RunFolder, done: int, seconds: float) -> None:
    folder.save_checkpoint(
        {"stage": stage, "done": done, "seconds": seconds, "history": folder.history_length, "state": trainee.state_dict()}
    )


def _resume(trainee: Trainee, stage: str, folder: RunFolder) -> tuple[int, float]:
    """Put a stage back to its last checkpoint; the steps that are done and the seconds they took."""
    checkpoint = folder.load_checkpoint()
    if checkpoint is None or checkpoint["stage"] != stage:
        folder.drop_history(stage)
        return 0, 0.0
    trainee.load_state_dict(checkpoint["state"])
    folder.truncate_history(checkpoint["history"])
    return checkpoint["done"], checkpoint["seconds"]


def pick_device(name: str) -> torch.device:
    """The device that `auto`, `cpu`, `cuda` or `mps` means here."""
    from lightning_fabric import Fabric

    return Fabric(accelerator=name, devices=1).device
