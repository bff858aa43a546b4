"""Progress of a run: bars on a terminal, a plain line per epoch elsewhere. Both are observers of `dslnas.runs`."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column

from .terminal import duration, err


class Watcher(Protocol):
    """An observer that is closed when the work ends, however it ends."""

    def begin(self, stage: str, total: int) -> None: ...

    def advance(self, stage: str, done: int, **figures: float) -> None: ...

    def say(self, text: str) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def watcher() -> Watcher:
    """Bars where stderr is a terminal, lines elsewhere."""
    console = err()
    return Bars(console) if console.is_terminal else Lines(console)


def describe(figures: dict[str, float]) -> str:
    """`epoch 3  loss 0.512  accuracy 93.1 %  gap 0.301`."""
    return "  ".join(f"{name} {_shown(name, value)}" for name, value in figures.items())


def _shown(name: str, value: float) -> str:
    if name in ("epoch", "epochs", "step"):
        return f"{value:g}"
    if name.endswith(("accuracy", "f1")):
        return f"{100 * value:.1f} %"
    return f"{value:.3f}"


class Bars:
    """A bar for each stage, with its figures and the time that is left."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(width=6)),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            TextColumn("{task.fields[figures]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left", markup=False, style="dim"),
            TimeRemainingColumn(compact=True),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def begin(self, stage: str, total: int) -> None:
        if stage in self._tasks:
            self._progress.reset(self._tasks[stage], total=total, figures="")
        else:
            self._tasks[stage] = self._progress.add_task(stage, total=total, figures="")

    def advance(self, stage: str, done: int, **figures: float) -> None:
        if stage not in self._tasks:
            self.begin(stage, done)
        shown = {"figures": describe(figures)} if figures else {}
        self._progress.update(self._tasks[stage], completed=done, **shown)  # type: ignore[arg-type]

    def say(self, text: str) -> None:
        self._progress.console.print(text, soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class Lines:
    """One line when a stage begins, one at the end of each of its epochs, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._totals: dict[str, int] = {}
        self._started: dict[str, float] = {}
        self._first: dict[str, int] = {}
        self._pending: dict[str, tuple[int, dict[str, float]]] = {}

    def begin(self, stage: str, total: int) -> None:
        self._flush(stage)
        self._totals[stage], self._started[stage] = total, time.monotonic()
        self._first.pop(stage, None)
        self.say(f"{stage}: {total} steps")

    def advance(self, stage: str, done: int, **figures: float) -> None:
        self._first.setdefault(stage, done)
        earlier = self._pending.get(stage)
        if earlier is not None and earlier[1].get("epoch") != figures.get("epoch", earlier[1].get("epoch")):
            self._flush(stage)
        self._pending[stage] = (done, figures or (earlier[1] if earlier else {}))
        if done >= self._totals.get(stage, done + 1):
            self._flush(stage)

    def _flush(self, stage: str) -> None:
        """Print what was last heard of a stage, if that was not printed yet."""
        if stage not in self._pending:
            return
        done, figures = self._pending.pop(stage)
        total = self._totals.get(stage, done)
        parts = [f"{stage}: {done} of {total}", describe(figures), self._left(stage, done, total)]
        self.say("  ".join(part for part in parts if part))

    def _left(self, stage: str, done: int, total: int) -> str:
        """The time left at the pace since the stage began here: a resumed stage begins in its middle."""
        steps = done - self._first.get(stage, 0)
        if steps <= 0 or done >= total or stage not in self._started:
            return ""
        pace = (time.monotonic() - self._started[stage]) / steps
        return f"{duration(pace * (total - done))} left"

    def say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stage in list(self._pending):
            self._flush(stage)
