"""The training loop: progress, history and checkpoints; a killed run resumes to the same result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

import torch
from torch import Tensor

from ..base.diagnostics import fail
from ..base.run_folder import RunFolder
from .checkpoint import load_checkpoint, save_checkpoint
from .events import EventLog
from .observer import Observer

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

    def state_dict(self) -> dict[str, Any]:
        """The state of weights and optimizers, for the checkpoint."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from the state of a checkpoint."""
        ...


@dataclass(frozen=True)
class Schedule:
    """The number of steps in all and in an epoch; records: how often the history is written."""

    steps: int
    per_epoch: int
    records: int

    def records_after(self, step: int) -> bool:
        """Whether the history is written after `step` steps: evenly spread, the last among them."""
        return step * self.records // self.steps > (step - 1) * self.records // self.steps

    def epochs(self, steps: int) -> float:
        """The number of epochs, with a fraction, in so many steps."""
        return steps / self.per_epoch


class Means:
    """Running means of figures, kept on the device until they are read."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, figures: Mapping[str, Tensor]) -> None:
        """Count the figures of one step, scalars on the device."""
        for name, value in figures.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
            self._counts[name] = self._counts.get(name, 0) + 1

    def read(self) -> dict[str, float]:
        """The means as numbers; waits for the device."""
        return {name: float(total) / self._counts[name] for name, total in self._sums.items()}

    def state_dict(self) -> dict[str, Any]:
        """Sums and counts, for the checkpoint."""
        return {"sums": self._sums, "counts": self._counts}

    def load_state_dict(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Restore sums, on `device`, and counts."""
        self._sums = {name: value.to(device) for name, value in state["sums"].items()}
        self._counts = dict(state["counts"])


@dataclass
class Progress:
    """The progress of a stage: steps done, the seconds they took, the means since the last record."""

    done: int
    seconds: float
    means: Means


def run_loop(
    trainee: Trainee,
    stage: str,
    schedule: Schedule,
    folder: RunFolder,
    observer: Observer,
    device: torch.device,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    events: EventLog | None = None,
    ended: Callable[[], bool] | None = None,
) -> float:
    """Run the steps of a stage that are not yet done; returns the seconds that the whole stage took.

    events: where records are written as well as to the history. ended: whether the stage is over before its
    last step, asked after each record.
    Raises DslnasError N0601 where the training diverges, N0701 where its checkpoint cannot be
    used.
    """
    progress = _resumed(trainee, stage, schedule, folder, device)
    if events is not None:
        events.begin(stage, folder.history(stage))
    observer.begin(stage, schedule.steps)
    saved = shown = time.monotonic()
    started = saved - progress.seconds
    for step in range(progress.done + 1, schedule.steps + 1):
        progress.means.add(trainee.step(step - 1))
        now = time.monotonic()
        progress.done, progress.seconds = step, now - started
        if schedule.records_after(step):
            record = _record(trainee, stage, schedule, progress, folder, observer)
            if events is not None:
                events.add(stage, record)
            progress.means = Means()
            if ended is not None and ended():
                break
        elif now - shown > FIGURES_SECONDS:
            figures = _finite(progress.means.read(), stage, schedule, step)
            observer.advance(stage, step, epoch=schedule.epochs(step), **figures)
            shown = now
        if now - saved >= checkpoint_seconds and step < schedule.steps:
            _finite(progress.means.read(), stage, schedule, step)
            _save(trainee, stage, progress, folder)
            saved = now
    return time.monotonic() - started


def train_silently(trainee: Trainee, stage: str, steps: int, folder: RunFolder, device: torch.device) -> None:
    """Run the steps of a stage that are not yet done beside another process, which keeps the records.

    Nothing is written. Raises DslnasError N0701 where the checkpoint cannot be used.
    """
    checkpoint = load_checkpoint(folder)
    resumes = checkpoint is not None and checkpoint.get("stage") == stage
    done = _take_up(trainee, checkpoint, steps, folder, device)[0].done if checkpoint and resumes else 0
    for step in range(done, steps):
        trainee.step(step)


def _record(
    trainee: Trainee,
    stage: str,
    schedule: Schedule,
    progress: Progress,
    folder: RunFolder,
    observer: Observer,
) -> dict[str, Any]:
    """Write a line of the history, which is returned, and show its figures."""
    step = progress.done
    entry = {**progress.means.read(), **trainee.record()}
    figures = _finite({k: v for k, v in entry.items() if isinstance(v, float)}, stage, schedule, step)
    epoch, epochs = schedule.epochs(step), schedule.epochs(schedule.steps)
    place = {"stage": stage, "epoch": epoch, "epochs": epochs, "step": step}
    record = {**place, **entry, "seconds": progress.seconds}
    folder.append_history(record)
    observer.advance(stage, step, epoch=epoch, epochs=epochs, **figures)
    return record


def _finite(figures: dict[str, float], stage: str, schedule: Schedule, step: int) -> dict[str, float]:
    """The figures; raises DslnasError N0601 where one is no longer finite."""
    for name, value in figures.items():
        if not isfinite(value):
            key = "retrain" if stage == "train" else "weights"
            lower = f"lower the learning rate, `--set 'method.{key}=sgd(lr: 0.005, momentum: 0.9)'`"
            clip = "" if stage == "prune" else " or clip the gradients, `--set method.clip=1`,"
            raise fail(
                "N0601",
                f"the {stage} diverged: {name.replace('_', ' ')} is {value} at step {step}/{schedule.steps}",
                help=f"{lower},{clip} in a new run",
            )
    return figures


def _save(trainee: Trainee, stage: str, progress: Progress, folder: RunFolder) -> None:
    save_checkpoint(
        folder,
        {
            "stage": stage,
            "done": progress.done,
            "seconds": progress.seconds,
            "history": folder.history_length,
            "means": progress.means.state_dict(),
            "state": trainee.state_dict(),
        },
    )


def _resumed(
    trainee: Trainee, stage: str, schedule: Schedule, folder: RunFolder, device: torch.device
) -> Progress:
    """Restore a stage from its last checkpoint, or to its start where it has none."""
    checkpoint = load_checkpoint(folder)
    if checkpoint is None or checkpoint.get("stage") != stage:
        folder.drop_history(stage)
        return Progress(0, 0.0, Means())
    progress, history = _take_up(trainee, checkpoint, schedule.steps, folder, device)
    folder.truncate_history(history)
    return progress


def _take_up(
    trainee: Trainee, checkpoint: Mapping[str, Any], steps: int, folder: RunFolder, device: torch.device
) -> tuple[Progress, int]:
    """Restore a stage of so many steps from a checkpoint: how far it is, and how long its history."""
    means = Means()
    try:
        done, seconds, history = (
            int(checkpoint["done"]),
            float(checkpoint["seconds"]),
            int(checkpoint["history"]),
        )
        if not 0 < done < steps:
            raise ValueError(f"it is of step {done} of {steps}")
        means.load_state_dict(checkpoint["means"], device)
        trainee.load_state_dict(checkpoint["state"])
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        (reason, *_) = str(error).splitlines() or [type(error).__name__]
        raise folder.bad_checkpoint(f"does not fit this run: {reason}") from None
    return Progress(done, seconds, means), history
