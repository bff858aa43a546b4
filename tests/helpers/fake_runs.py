"""A run that is none, for tests of what the commands ask of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from typer.testing import CliRunner, Result

from cli.app import app

METRICS: dict[str, Any] = {
    "search": {"gap": 0.25},
    "validation": {
        "clips": 40,
        "supernet": 0.61,
        "discretised": 0.12,
        "recalibrated": 0.44,
        "retrained": 0.97,
    },
    "honesty": {
        "verdict": "looks degenerate: no operation of cell normal has parameters",
        "settled": "3 of 8 decisions were won by less than 0.05; the closest: normal a, pool over skip",
        "cells": {"normal": {"edges": 8, "skips": 2, "parameter_free": 8, "polynomials": 0}},
    },
    "params": {"supernet": 365_000, "live": 123_456, "with_dead_edges": 234_567},
    "test": {"accuracy": 0.9875, "macro_f1": 0.98},
    "time": {"search": 62.0, "total": 125.0},
    "cut": ["search: epochs 8 instead of 60"],
}


@dataclass
class FakeRun:
    """Stands in for a run: keeps what was asked of it and reports a little progress."""

    path: Path
    asked: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    experiment: Any = field(
        default_factory=lambda: SimpleNamespace(
            warnings=(), classes=("one", "[two]"), frontend=SimpleNamespace(sees_images=False)
        )
    )

    @property
    def decided(self) -> FakeRun:
        """Itself."""
        return self

    def execute(self, observer: Any, until: str, threads: Any = None, events: bool = False) -> dict[str, Any]:
        self.asked |= {"until": until, "threads": threads, "events": events}
        observer.begin("search", 4)
        observer.say("400 of 2000 clips are used [as `data.clips` says]")
        for step in range(1, 5):
            observer.advance(
                "search", step, epoch=step / 2, epochs=2.0, loss=1 / step, accuracy=step / 4, gap=0.3
            )
        if self.error:
            raise self.error
        return METRICS


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
