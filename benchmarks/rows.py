"""Measurements that are a line of JSON each, so that one that was stopped goes on, and tables of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

Row = dict[str, Any]


def rows_of(out: Path) -> list[Row]:
    """The measurements that a file holds; a line that a kill has cut short is none."""
    lines = out.read_text(encoding="utf-8").splitlines(keepends=True) if out.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n") and line.strip()]


def rows_with(out: Path, told: Row) -> list[Row]:
    """The measurements of a file that were made with what is told."""
    return [row for row in rows_of(out) if all(row.get(name) == value for name, value in told.items())]


def append(out: Path, row: Row) -> None:
    """Add a measurement; what a kill has cut short is dropped first."""
    text = out.read_text(encoding="utf-8") if out.exists() else ""
    if text and not text.endswith("\n"):
        out.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, allow_nan=True) + "\n")


def in_columns(lines: Sequence[Sequence[str]]) -> str:
    """A table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def with_error(differences: Sequence[float]) -> str:
    """The mean of paired differences, with its standard error; empty where there are none."""
    if not differences:
        return ""
    error = f" ± {stdev(differences) / len(differences) ** 0.5:.1f}" if len(differences) > 1 else ""
    return f"{mean(differences):+.1f}{error}"
