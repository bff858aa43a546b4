"""The processor threads of a run: as many as are free, as the user says, or as it began with.

Their number changes the order in which numbers are summed, with it the last digits of sums, and with these
which of two close candidates wins. A run therefore keeps what it began with, and tells where it could not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..base import limits
from ..base.processors import Processors, processors, stated_threads


@dataclass(frozen=True)
class Threads:
    """How many threads a run may take. count: None: as many as torch has.

    stated: the user says so; else a run that goes on keeps the number that it began with. reason: why so
    many, for the user.
    """

    count: int | None = None
    stated: bool = True
    reason: str = ""

    def take(self, begun: int | None, say: Callable[[str], None]) -> dict[str, str]:
        """Give torch the threads of a run, and tell why; returns how a new run came to them, for its metrics.

        begun: the number that the run began with; None for a new run.
        """
        import torch

        here = self.count or torch.get_num_threads()
        count = here if self.stated or begun is None else begun
        if count != torch.get_num_threads():
            torch.set_num_threads(count)
        if begun is None and self.reason:
            say(f"{counted(count)}: {self.reason}")
            return {"chosen": self.reason}
        if begun not in (None, count):
            say(
                f"this run began with {counted(begun or 0)} and goes on with {count}: "
                "the last digits of its figures may be others than without the break"
            )
        elif begun not in (None, here):
            say(f"{counted(count)}, as this run began; a new one would take {here} now")
        return {}


AS_TORCH_HAS = Threads()


def begun_with(metrics: Mapping[str, Any]) -> int | None:
    """The threads that a run began with; None where it has not begun, or does not tell."""
    there = metrics.get("machine")
    begun = there.get("threads") if isinstance(there, dict) else None
    return begun if type(begun) is int and 0 < begun <= limits.THREADS else None


def free_threads() -> Threads:
    """As many threads as there are processors free, or as the environment states. Takes half a second."""
    if variable := stated_threads():
        return Threads(reason=f"as {variable} says")
    import torch

    most, there = torch.get_num_threads(), processors()
    return Threads(min(most, there.free), stated=False, reason=_why(there, most))


@contextmanager
def one_thread() -> Iterator[None]:
    """A context in which torch has one thread, so that its sums do not depend on how many there could be."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def usable_threads() -> int:
    """As many threads as this process has processors, or as the environment states, whatever others do."""
    import torch

    most = torch.get_num_threads()
    return most if stated_threads() else min(most, processors(0.0).usable)


def _why(there: Processors, most: int) -> str:
    """Why a run takes the threads that it takes, in words."""
    if there.free >= most:
        return f"{counted(there.count, 'processor')}, {there.in_use:.1f} in use by others"
    if there.free == there.usable:
        return f"this process may use {there.usable} of {counted(there.count, 'processor')}"
    return (
        f"{there.in_use:.1f} of {counted(there.count, 'processor')} are in use by others "
        f"(`--threads {most}` takes {most} all the same)"
    )


def counted(number: int, name: str = "thread") -> str:
    """A number with its noun: `1 thread`, `2 threads`."""
    return f"{number} {name}{'' if number == 1 else 's'}"
