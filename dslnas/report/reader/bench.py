"""The latencies of a network in its forms, as `dslnas bench` has left them in a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.diagnostics import fail
from ...base.files import read_json
from ...base.run_folder import BENCH


@dataclass(frozen=True)
class Benched:
    """A table: its machine, its columns after form and file, its rows, and what is missing and why."""

    machine: str
    cases: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    missing: str


def benched(run: Path) -> Benched | None:
    """The table of a run; None where nothing is measured. Raises DslnasError N0701 for a broken file."""
    path = run / BENCH
    if not path.is_file():
        return None
    try:
        return table_of(read_json(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise fail(
            "N0701", f"{path}: holds no measurements", help="measure again: `dslnas bench RUN`"
        ) from error


def table_of(data: Any) -> Benched:
    """The table of measurements as `bench.json` has them."""
    times = {
        (str(form["form"]), int(one["clips"]), int(one["threads"])): float(one["milliseconds"])
        for form in data["forms"]
        for one in form["times"]
    }
    cases = sorted({(clips, threads) for _, clips, threads in times})
    rows = []
    for form in data["forms"]:
        name, size = str(form["form"]), form["bytes"]
        told = (times.get((name, *case)) for case in cases)
        file = "" if size is None else f"{size / 1000:,.0f} kB"
        rows.append((name, file, *("" if one is None else f"{one:.2f} ms" for one in told)))
    machine = f"{data['machine']['processor']}, {int(data['machine']['threads'])} threads"
    missing = "; ".join(f"{form}, since {reason}" for form, reason in data["missing"].items())
    return Benched(machine, tuple(_said(*case) for case in cases), tuple(rows), missing)


def _said(clips: int, threads: int) -> str:
    """A case in words: `32 clips, 1 thread`."""
    what = "a clip" if clips == 1 else f"{clips} clips"
    return f"{what}, 1 thread" if threads == 1 else f"{what}, {threads} threads"
