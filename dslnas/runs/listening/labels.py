"""What is heard in a recording and when, as somebody has written it down: labels of Audacity, or a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...base.diagnostics import fail
from ...data.own.tables import Row, read_labels, read_table, seconds

HELP = (
    "lines `START END LABEL` with tabs, as Audacity exports labels, or a table with `file,label,start,end`; "
    "times in seconds"
)


@dataclass(frozen=True)
class Label:
    """A sound of a class, from `begin` to `end` in seconds."""

    label: str
    begin: float
    end: float


def stream_labels(path: Path, recording: Path, classes: Sequence[str]) -> tuple[list[Label], int]:
    """The labels of a recording in order of time, and how many others are of none of the classes.

    path: a text of Audacity, or a table, of which the rows of that recording are taken. Upper and lower case
    count for nothing. Raises DslnasError N0604 where the file cannot be read, N0605 where it holds no labels
    of the recording, or one has no times.
    """
    if path.suffix.lower() in (".csv", ".jsonl", ".tsv"):
        rows = [row for row in read_table(path).rows if row.path.name == recording.name]
    else:
        if not path.is_file():
            raise fail("N0604", f"there are no labels {path}", help=HELP)
        rows = read_labels(path, recording) or []
    if not rows:
        raise fail("N0605", f"{path} holds no labels of {recording.name}", help=HELP)
    known = {name.casefold(): name for name in classes}
    found = [
        Label(known[row.label.casefold()], *_times(row)) for row in rows if row.label.casefold() in known
    ]
    return sorted(found, key=lambda one: (one.begin, one.end)), len(rows) - len(found)


def _times(row: Row) -> tuple[float, float]:
    begin, end = seconds(row.start), seconds(row.end)
    if begin is None or end is None or end < begin:
        raise fail("N0605", f"{row.place}: `{row.start}` to `{row.end}` are no times", help=HELP)
    return begin, end
