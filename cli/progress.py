"""Progress of a run: bars on a terminal, one line per epoch elsewhere; observers of `train/loop.py`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from math import ceil
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from .terminal import duration, err


class Watcher(Protocol):
    """An observer that is closed when the work ends, however it ends."""

    def begin(self, stage: str, total: int) -> None:
        """Begin a stage of `total` steps."""

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """Show that `done` steps of a stage are done, with its latest figures."""

    def say(self, text: str) -> None:
        """Print a remark."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def watcher() -> Watcher:
    """The observer for stderr: bars on a terminal, lines elsewhere."""
    console = err()
    return Bars(console) if console.is_terminal else Lines(console)


_FIGURES = {
    "loss": "loss {:.3f}",
    "accuracy": "accuracy {:.1%}",
    "validation_accuracy": "validation {:.1%}",
    "gap": "gap {:.3f}",
}


# What a narrow screen drops first stands last.
_IMPORTANT = ("epoch", "loss", "gap", "accuracy", "validation_accuracy")


def describe(figures: Mapping[str, float], room: int | None = None) -> str:
    """Figures as text: `epoch 3/8  loss 0.512  accuracy 93.1%  gap 0.301`.

    room: the characters there are for it; figures for which there is none are left out whole.
    """
    parts = {name: form.format(figures[name]) for name, form in _FIGURES.items() if name in figures}
    if "epoch" in figures:
        of = f"/{ceil(figures['epochs'] - 1e-6)}" if "epochs" in figures else ""
        parts = {"epoch": f"epoch {epoch_of(figures)}{of}"} | parts
    kept: set[str] = set()
    for name in _IMPORTANT:
        if name in parts and (room is None or len(_joined(parts, kept | {name})) <= room):
            kept.add(name)
    return _joined(parts, kept)


def _joined(parts: Mapping[str, str], kept: set[str]) -> str:
    return "  ".join(text for name, text in parts.items() if name in kept)


def epoch_of(figures: Mapping[str, float]) -> int:
    """The number, from 1, of the epoch in progress or just ended; `epoch` counts finished ones."""
    return max(1, ceil(figures.get("epoch", 1.0) - 1e-6))


def columns(width: int) -> tuple[list[ProgressColumn], int]:
    """The bar, the share, and the times for a screen `width` wide, and the characters that they take.

    A screen of less than 100 columns shows no time that has passed, one of less than 70 no bar: the time left
    stays.
    """
    bar = 24 if width >= 100 else 10 if width >= 70 else 0
    found: list[ProgressColumn] = [BarColumn(bar_width=bar)] if bar else []
    found.append(TextColumn("{task.percentage:>3.0f} %", markup=False))
    times: list[ProgressColumn] = [TimeElapsedColumn()] if width >= 100 else []
    times += [TextColumn("left", markup=False, style="dim"), TimeRemainingColumn(compact=True)]
    return [*found, *times], (bar + 1 if bar else 0) + 6 + (8 if width >= 100 else 0) + 5 + 8


class Bars:
    """A bar for each stage of a run, with its figures and the time left."""

    STAGE = 6  # the longest name of a stage

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        around, taken = columns(console.width)
        share = next(place for place, one in enumerate(around) if isinstance(one, TextColumn)) + 1
        self._room = console.width - taken - self.STAGE - 1
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(width=self.STAGE)),
            *around[:share],
            TextColumn("{task.fields[figures]}", markup=False),
            *around[share:],
            console=console,
            get_time=clock,
        )
        self._tasks: dict[str, TaskID] = {}
        self._figures: dict[str, float] = {}

    @property
    def display(self) -> RenderableType:
        """What stands on the screen now."""
        return self._progress.get_renderable()

    def begin(self, stage: str, total: int) -> None:
        """Add the bar of a stage, or reset it."""
        self._figures = {}
        if stage in self._tasks:
            self._progress.reset(self._tasks[stage], total=total, figures="")
        else:
            self._tasks[stage] = self._progress.add_task(stage, total=total, figures="")

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """Move the bar of a stage, with its latest figures."""
        self._figures |= figures
        self._progress.update(self._tasks[stage], completed=done, figures=describe(self._figures, self._room))

    def say(self, text: str) -> None:
        """Print a remark above the bars."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class Lines:
    """A line at the beginning of a stage and at the end of each epoch, and others while none ends, for logs.

    The first of these comes after `FIRST` seconds, so that a log soon says how long it will take; each
    further one waits twice as long as the one before.
    """

    FIRST = 5.0

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._total = 0
        # The steps done when the stage began or was resumed, and the time of that.
        self._first: tuple[int, float] | None = None
        self._figures: dict[str, float] = {}
        self._pending: tuple[str, int] | None = None  # (stage, done) that is not printed yet
        self._printed = ""
        self._wait, self._since = self.FIRST, 0.0

    def begin(self, stage: str, total: int) -> None:
        """Print the number of steps of a search or a training."""
        self._flush()
        self._total, self._first, self._figures = total, None, {}
        self._wait, self._since = self.FIRST, self._clock()
        if stage in ("search", "train"):
            self.say(f"{stage}: {total} steps")

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """Print the last line of an epoch once the next begins or the stage ends; one after a long wait."""
        if self._first is None:
            self._first = (done, self._clock())
        if self._figures and epoch_of(figures) > epoch_of(self._figures):
            self._flush()
        self._figures |= figures
        self._pending = (stage, done)
        if done >= self._total:
            self._flush()
        elif self._clock() - self._since >= self._wait:
            self._wait *= 2
            self._flush()

    def _flush(self) -> None:
        if self._pending is None:
            return
        stage, done = self._pending
        self._pending = None
        self._since = self._clock()
        parts = [f"{stage}: {done} of {self._total}", describe(self._figures), self._left(done)]
        text = "  ".join(part for part in parts if part)
        if text != self._printed:  # data that is read from the cache is complete at each of its steps
            self.say(text)
        self._printed = text

    def _left(self, done: int) -> str:
        """The time left at the pace so far; a resumed stage begins in its middle."""
        steps, since = (done - self._first[0], self._first[1]) if self._first else (0, 0.0)
        if steps <= 0 or done >= self._total:
            return ""
        return f"{duration((self._clock() - since) / steps * (self._total - done))} left"

    def say(self, text: str) -> None:
        """Print a line on the console."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flush()
