"""The interface that reports the progress of a run: stages, steps, figures, messages for the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Observer(Protocol):
    """Receives the progress of a run."""

    def begin(self, stage: str, total: int) -> None:
        """A stage (`data`, `search`, `train`, `test`) begins; it has `total` steps."""
        ...

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """So many steps are done; figures are the latest ones (`epoch`, `loss`, `accuracy`, `gap`, ...)."""
        ...

    def say(self, text: str) -> None:
        """Show the user a message of one line."""
        ...


class Silent:
    """An observer that shows nothing."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore the start of a stage."""

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """Ignore the progress of a stage."""

    def say(self, text: str) -> None:
        """Ignore a message."""


def reporting(observer: Observer, stage: str) -> Callable[[str, int, int], None]:
    """What tells an observer how far a stage is: what is done, how much of it, out of how much.

    The stage begins anew wherever what is done changes.
    """
    seen: str | None = None

    def report(text: str, done: int, total: int) -> None:
        nonlocal seen
        if text != seen:
            seen = text
            observer.begin(stage, total)
        observer.advance(stage, done)

    return report
