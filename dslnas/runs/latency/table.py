"""The latency table: the seconds of each step, what whole networks take of their sum, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from ...base.diagnostics import fail
from ...base.files import read_json, write_json

FORMAT, VERSION = "dslnas-latency", 1


@dataclass(frozen=True)
class LatencyTable:
    """What the steps of networks take on one machine, on one thread, for one example.

    seconds: of each step, by its text: a primitive with its attributes and the types that it reads.
    factor: whole networks take so many times the sum of their steps. networks: how many were measured for
    that. error: the median of how far their predictions are off, as a share of what each takes; a network is
    predicted with the factor of the others. None where no network was measured. unit: the seconds of the
    convolution that all times are compared with. machine: the processor.
    """

    seconds: Mapping[str, float]
    factor: float = 1.0
    networks: int = 0
    error: float | None = None
    unit: float | None = None
    machine: str = ""

    def with_steps(self, seconds: Mapping[str, float], unit: float) -> LatencyTable:
        """The table with more steps, measured by the same unit; those that it has stay as they are."""
        return replace(self, seconds={**seconds, **self.seconds}, unit=unit)


def write_table(path: Path, table: LatencyTable) -> None:
    """Write a table as JSON, whole or not at all; raises DslnasError N0701 where it cannot."""
    write_json(path, to_json(table))


def to_json(table: LatencyTable) -> dict[str, Any]:
    """The table as JSON data; it is read back as the same numbers."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "machine": table.machine,
        "threads": 1,
        "batch": 1,
        "factor": table.factor,
        "networks": table.networks,
        "error": table.error,
        "unit": table.unit,
        "seconds": dict(table.seconds),
    }


def read_table(path: Path) -> LatencyTable:
    """The table in a file; raises DslnasError N0701 where it cannot be read or is none."""
    data = read_json(path)
    if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
        raise fail("N0701", f"{path}: this is no latency table of version {VERSION}")
    try:
        seconds = {str(text): _positive(value) for text, value in data["seconds"].items()}
        error, unit = data["error"], data["unit"]
        return LatencyTable(
            seconds,
            factor=_positive(data["factor"]),
            networks=int(data["networks"]),
            error=None if error is None else float(error),
            unit=None if unit is None else _positive(unit),
            machine=str(data["machine"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise fail("N0701", f"{path}: a part is missing or has another form: {error}") from None


def _positive(value: Any) -> float:
    number = float(value)
    if not isfinite(number) or number <= 0:
        raise ValueError(f"{value} is no time")
    return number
