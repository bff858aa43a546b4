"""What a training tells whoever watches it: stages, steps, figures, lines for the user."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Whoever watches a run."""

    def begin(self, stage: str, total: int) -> None:
        """A stage (`data`, `search`, `train`, `test`) begins; it has `total` steps."""
        ...

    def advance(self, stage: str, done: int, **figures: float) -> None:
        """So many steps are done; figures are the latest ones (`epoch`, `loss`, `accuracy`, `gap`, ...)."""
        ...

    def say(self, text: str) -> None:
        """One line for the user."""
        ...


class Silent:
    """An observer that does not care."""

    def begin(self, stage: str, total: int) -> None: ...

    def advance(self, stage: str, done: int, **figures: float) -> None: ...

    def say(self, text: str) -> None: ...
