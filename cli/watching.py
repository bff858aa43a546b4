"""Progress of a sweep: trials one after another, or a row for each of those that run in parallel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.progress import Progress, TaskID, TextColumn
from rich.table import Column

from .progress import columns, describe, watcher
from .terminal import duration, err, tail_of

if TYPE_CHECKING:
    from dslnas.runs.sweep.work import Job, JobResult
    from dslnas.train.observer import Observer


STAGE = 6  # the width of the name of a stage


class Counted:
    """Base of the progress displays: counts and times the trials."""

    def __init__(self, count: int) -> None:
        self._count, self._number = count, 0
        self._console = err()
        self._seconds: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def _next(self, name: str) -> str:
        self._number += 1
        return f"[{self._number}/{self._count}] {name}"

    def _say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def _how(self, outcome: JobResult) -> str:
        """`4 min 3 s`, `failed after 1 min 0 s`; without the time where it was not observed."""
        seconds = self._seconds.get(outcome.job.name)
        spent = "" if seconds is None else duration(seconds)
        if outcome.error is None:
            return spent
        return f"failed after {spent}" if spent else "failed"

    @contextmanager
    def _timed(self, job: Job) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self._seconds[job.name] = time.monotonic() - started


class InTurn(Counted):
    """The progress of one trial after another, each under a line with its name."""

    @contextmanager
    def job(self, job: Job) -> Iterator[Observer]:
        """The context of a trial: a line with its name, then its progress."""
        self._say(self._next(job.name))
        with self._timed(job), watcher() as observer:
            yield observer

    def ended(self, outcome: JobResult) -> None:
        """Print how a trial ended."""
        self._say(f"    {self._how(outcome)}")


class SideBySide(Counted):
    """A line for each trial that has ended and, on a terminal, a row for each running one, with its stage."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        around, taken = columns(self._console.width)
        self._room = self._console.width - taken - STAGE - 2
        self._rows = Progress(
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[stage]}", markup=False, table_column=Column(width=STAGE)),
            TextColumn("{task.fields[figures]}", markup=False),
            *around,
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._rows.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rows.stop()

    @contextmanager
    def job(self, job: Job) -> Iterator[Observer]:
        """The context of a trial: a row of the display."""
        name = tail_of(job.name, max(8, self._room))
        row = self._rows.add_task(name, total=1, stage="starts", figures="")
        with self._timed(job):
            yield Row(self._rows, row, self._room - len(name) - 1)
        self._rows.remove_task(row)

    def ended(self, outcome: JobResult) -> None:
        """Print the name of a trial and how it ended."""
        self._say("  ".join(filter(None, (self._next(outcome.job.name), self._how(outcome)))))


class Row:
    """The observer of one of several trials, on a row of its own."""

    def __init__(self, rows: Progress, row: TaskID, room: int | None = None) -> None:
        self._rows, self._row, self._room = rows, row, room
        self._figures: dict[str, float] = {}

    def begin(self, stage: str, total: int) -> None:
        """Reset the row for a stage."""
        self._figures = {}
        self._rows.reset(self._row, total=total, stage=stage, figures="")

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """Move the row, with the latest figures of the stage."""
        self._figures |= figures
        self._rows.update(self._row, completed=done, stage=stage, figures=describe(self._figures, self._room))

    def say(self, text: str) -> None:
        """Print nothing: remarks about the data are in the report of each trial."""
