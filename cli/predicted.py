"""What `dslnas predict` has found, as it is found: lines in the terminal, rows of a file, a bar."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dslnas.runs.predict import Prediction, Window

MOST_WINDOWS = 40  # of a recording, in the terminal
MANY = 10  # files, from which on a bar counts them
GAP = "   "


class Lines:
    """A line for each prediction, under one head; a line for each window of a long recording, under its own.

    paths: all that may come, and classes: their labels, from which the widths of the columns are known
    before the first line.
    """

    def __init__(self, paths: Sequence[str], classes: Sequence[str], top: int) -> None:
        from rich.cells import cell_len

        from dslnas.runs.listening.unknown import LABEL

        from .terminal import out

        self._top = top
        self._label = max(map(cell_len, ("silent", "label", LABEL, *classes)))
        taken = self._label + len("probability") + 2 * len(GAP) + (top > 1) * len(GAP)
        taken += (top > 1) * (len(", ".join(["100.0 %"] * (top - 1))) + (top - 1) * (self._label + 1))
        longest = max(map(cell_len, ("recording", *paths)))
        # Paths keep a part to be known by where long labels leave no room.
        self._path = min(longest, max(out().width - taken, 24))
        self._began = False

    def tell(self, one: Prediction) -> None:
        """Print a prediction, at once."""
        from .terminal import tail_of

        if not self._began:
            self._began = True
            self._print("recording", "label", "probability", "then" if self._top > 1 else "")
        self._print(tail_of(one.path, self._path), *_told(one), _then(one, self._top))
        if len(one.windows) > 1:
            self._windows(one.windows)

    def _windows(self, windows: Sequence[Window]) -> None:
        """Print what is heard in each window of a recording, with its times."""
        from .terminal import tell

        tell(f"{'from (s)':>10}{GAP}{'to (s)':>8}{GAP}label")
        for window in windows[:MOST_WINDOWS]:
            told, then = GAP.join(filter(None, _told(window))), _then(window, self._top)
            tell(f"{window.start:10.2f}{GAP}{window.end:8.2f}{GAP}{told}{GAP}{then}".rstrip())
        if (more := len(windows) - MOST_WINDOWS) > 0:
            tell(f"and {more} more windows: `--json` and `--csv` have all")

    def _print(self, path: str, label: str, probability: str, then: str) -> None:
        from rich.cells import set_cell_size

        from .terminal import tell

        named = f"{set_cell_size(path, self._path)}{GAP}{set_cell_size(label, self._label)}"
        tell(f"{named}{GAP}{probability:>11}{GAP}{then}".rstrip())


def _told(one: Prediction | Window) -> tuple[str, str]:
    """The label and its probability; `silent` where there is nothing to hear."""
    return ("silent", "") if one.label is None else (one.label, _percent(one.probability or 0))


def _then(one: Prediction | Window, top: int) -> str:
    """The classes that come after the label, in words."""
    return ", ".join(f"{label} {_percent(share)}" for label, share in _others(one, top))


def _others(one: Prediction | Window, top: int) -> list[tuple[str, float]]:
    """The likeliest classes but for the label, so many that with the label they are `top`."""
    from dslnas.runs.predict import likeliest

    return [(label, share) for label, share in likeliest(one) if label != one.label][: top - 1]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


@contextmanager
def table_file(path: Path | None, top: int) -> Iterator[Callable[[Prediction], None]]:
    """A context with what writes the rows of predictions to a table, which is there at the end, whole.

    A row of a file has no begin and no end; a recording in several windows has a row for each of them after
    it. Raises DslnasError N0701 where it cannot be written; without a path nothing is.
    """
    if path is None:
        yield lambda _: None
        return
    from dslnas.base.diagnostics import fail
    from dslnas.base.files import clear_abandoned, replacing

    clear_abandoned(path)
    try:
        with (
            replacing(path) as temporary,
            temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
        ):
            table = csv.writer(file, lineterminator="\n")
            further = [f"{name}_{place}" for place in range(2, top + 1) for name in ("label", "probability")]
            table.writerow(["file", "begin", "end", "label", "probability", *further])
            yield lambda one: table.writerows(_rows(one, top))
    except BrokenPipeError:  # of who reads what is printed
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise fail("N0701", f"{path}: cannot be written: {reason}", help="is its folder there?") from None


def _rows(one: Prediction, top: int) -> Iterator[list[str]]:
    """The rows of a prediction; numbers as JSON has them, and nothing where there is silence."""
    yield [one.path, "", "", *_cells(one, top)]
    if len(one.windows) > 1:
        for window in one.windows:
            yield [one.path, repr(window.start), repr(window.end), *_cells(window, top)]


def _cells(one: Prediction | Window, top: int) -> list[str]:
    """The label with its probability, and those of the further classes."""
    if one.label is None or one.probability is None:
        return [""] * (2 * top)
    cells = [one.label, repr(one.probability)]
    for label, share in _others(one, top):
        cells += [label, repr(share)]
    return cells + [""] * (2 * top - len(cells))


@contextmanager
def counting(total: int, alone: bool) -> Iterator[Callable[[], None]]:
    """A context with what moves a bar on by a file; it is gone at the end.

    On a terminal, of many files, where no lines of results come between: it is alone, or stdout is elsewhere.
    """
    from .terminal import err

    console = err()
    if total < MANY or not console.is_terminal or (sys.stdout.isatty() and not alone):
        yield lambda: None
        return
    from rich.progress import Progress, TextColumn

    from .progress import columns

    count = TextColumn("{task.completed} of {task.total} files", markup=False)
    around, _ = columns(console.width)
    with Progress(count, *around, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
