"""Tables of recordings: `file,label,...`, the metadata of Hugging Face's audiofolder, labels of Audacity."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.diagnostics import fail

FILE = ("file", "file_name")  # names of the column that holds the path; the second is that of audiofolder
COLUMNS = (*FILE, "label", "split", "speaker", "group", "start", "end")
METADATA = ("metadata.csv", "metadata.jsonl")  # of audiofolder, in the folder of the recordings or of a split
HELP = (
    "the first line must name the columns: `file,label`, and at will `split`, `speaker` or `group`, "
    "`start` and `end` in seconds"
)


@dataclass(frozen=True)
class Row:
    """A row of a table, as it is written. place: its file and line; base: the folder that `file` is from."""

    place: str
    base: Path
    file: str
    label: str
    split: str = ""
    group: str = ""
    start: str = ""
    end: str = ""

    @property
    def path(self) -> Path:
        """The path of the recording."""
        return self.base / self.file


@dataclass(frozen=True)
class Table:
    """The rows of a table, and the names of the columns that nothing reads."""

    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()


def read_table(path: Path) -> Table:
    """A table with a header, or lines of JSON where its name ends so.

    DslnasError N0604 where the file cannot be read, N0605 where it lacks the columns `file` and `label`.
    """
    try:
        if path.suffix.lower() == ".jsonl":
            return _from_json(path)
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, restval="")
            header = [str(name).strip().lower() for name in rows.fieldnames or ()]
            _check_header(path, header)
            rows.fieldnames = header
            return _table(path, header, ((rows.line_num, row) for row in rows))
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise fail("N0604", f"the table {path} cannot be read: {reason}") from None


def _from_json(path: Path) -> Table:
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError(f"line {number} is no object")
        rows.append((number, {str(key).strip().lower(): value for key, value in row.items()}))
    header = list(dict.fromkeys(key for _, row in rows for key in row))
    _check_header(path, header)
    return _table(path, header, rows)


def _check_header(path: Path, header: list[str]) -> None:
    if "label" not in header or not set(FILE) & set(header):
        raise fail("N0605", f"the header of {path} is `{','.join(header)}`", help=HELP)


def _table(path: Path, header: list[str], rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Table:
    file = next(name for name in FILE if name in header)

    def value(row: Mapping[str, Any], key: str) -> str:
        found = row.get(key)
        return "" if found is None else str(found).strip()

    made = tuple(
        Row(
            f"{path}:{number}",
            path.parent,
            value(row, file),
            value(row, "label"),
            value(row, "split"),
            value(row, "speaker") or value(row, "group"),
            value(row, "start"),
            value(row, "end"),
        )
        for number, row in rows
    )
    return Table(made, tuple(name for name in header if name and name not in COLUMNS))


def read_labels(path: Path, recording: Path) -> list[Row] | None:
    """The labels that Audacity exports as text, `START END LABEL` with tabs; None where it is other text."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("\\"):  # the frequencies of the label before
            continue
        start, _, rest = line.partition("\t")
        end, _, label = rest.partition("\t")
        if seconds(start) is None or seconds(end) is None:
            return None
        rows.append(
            Row(f"{path}:{number}", recording.parent, recording.name, label.strip(), start=start, end=end)
        )
    return rows or None


def seconds(text: str) -> float | None:
    """The seconds that a text says, at will with a decimal comma; None where it says none."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
