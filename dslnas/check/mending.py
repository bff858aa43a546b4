"""Files mended by the safe repairs of their mistakes, as far as these leave no more errors than before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..base.diagnostics import Diagnostic, DslnasError, errors
from ..base.source import Source, Span
from ..resolve.library import read_source
from ..resolve.resolve import resolve
from .check import check
from .repairs import Repair, at_once, mended, repairs

FURTHER = 4  # times that repairs show others, whose errors were not seen before


@dataclass(frozen=True)
class Mended:
    """A text after its repairs: what it was, the repairs in the order in which they were done.

    wrong, left: the diagnostics of the text before and after them.
    """

    before: Source
    after: Source
    done: tuple[Repair, ...]
    wrong: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


@dataclass
class _Checked:
    """A text, with what is wrong with it and the safe repairs of that."""

    source: Source
    diagnostics: list[Diagnostic]
    safe: list[Repair] = field(init=False)

    def __post_init__(self) -> None:
        found = repairs(self.diagnostics, self.source)
        self.safe = at_once(self.source, (one for one in found if one.safe))

    @property
    def left(self) -> tuple[int, int]:
        """What repairs make smaller: the errors, then the repairs that are left to do."""
        return len(errors(self.diagnostics)), len(self.safe)


def mend(path: Path) -> Mended:
    """Mend a text by safe repairs, all at once or else one by one, until none makes it better.

    Each step leaves fewer errors, or as many and fewer repairs to do: a mended text is not mended again.
    Nothing is written. Raises DslnasError N0102 if the file cannot be read.
    """
    before = now = _checked(path, read_source(path))
    done = list[Repair]()
    while now.safe:
        steps = [now.safe, *([one] for one in now.safe)]
        better = next((found for step in steps if (found := _better(path, now, step)) is not None), None)
        if better is None:
            break
        now, done = better[0], done + better[1]
    wrong, left = tuple(before.diagnostics), tuple(now.diagnostics)
    return Mended(before.source, now.source, tuple(done), wrong, left)


def _better(path: Path, now: _Checked, step: list[Repair]) -> tuple[_Checked, list[Repair]] | None:
    """The text after a step, with the repairs done; None where it is not better.

    A line that can be read at last may show more mistakes: their repairs belong to the step.
    """
    new, done = _after(path, now, step), list(step)
    for _ in range(FURTHER):
        if new.left < now.left:
            return new, done
        if not new.safe:
            break
        done += new.safe
        new = _after(path, new, new.safe)
    return None


def _after(path: Path, now: _Checked, step: list[Repair]) -> _Checked:
    return _checked(path, Source(now.source.name, mended(now.source, step)))


def _checked(path: Path, source: Source) -> _Checked:
    try:
        definitions, found = resolve(path, _reading(path, source))
        return _Checked(source, check(definitions, found))
    except DslnasError as error:
        return _Checked(source, list(error.diagnostics))


def _reading(path: Path, source: Source) -> Callable[[Path, Span | None], Source]:
    """Reads files as they are, and one as a text says."""

    def read(wanted: Path, span: Span | None = None) -> Source:
        return source if wanted.resolve() == path.resolve() else read_source(wanted, span)

    return read
