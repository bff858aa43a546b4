"""A sweep folder that is made up: its figures are round numbers, so that tables can be checked by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dslnas.runs.sweep.folder import FORMAT, VERSION

CLIPS = 200  # of each test


@dataclass(frozen=True)
class Made:
    """An architecture: where it comes from, the accuracies of its retrainings, what its search found."""

    space: str
    domain: str
    data: str
    method: str
    letter: str
    accuracies: Sequence[float | None]
    gap: float | None = None
    polynomials: float | None = None
    live: int = 1_000_000


def make(folder: Path, made: Sequence[Made], sweep: str = "made") -> Path:
    """The folder of a sweep; a retraining without accuracy is not done yet."""
    trials: list[dict[str, Any]] = []
    for one in made:
        parts = (one.space, one.domain, one.data, one.method, one.letter)
        name = "-".join(part for part in parts if part)
        if one.letter:
            trials.append(_trial(one, name, 0))
            _search(folder / name, one)
        for number, accuracy in enumerate(one.accuracies, start=1):
            trials.append(_trial(one, f"{name}-{number}", number, name if one.letter else ""))
            _retraining(folder / f"{name}-{number}", one, number, accuracy)
    sweeps = [{"name": sweep, "trials": [trial["name"] for trial in trials]}]
    _json(folder / "sweep.json", {"format": FORMAT, "version": VERSION, "sweeps": sweeps, "trials": trials})
    return folder


def _trial(one: Made, name: str, number: int, source: str = "") -> dict[str, Any]:
    return {
        "name": name, "space": one.space, "domain": one.domain, "data": one.data, "method": one.method,
        "letter": one.letter, "number": number, "source": source, "fingerprint": "0",
    }  # fmt: skip


def _search(run: Path, one: Made) -> None:
    metrics: dict[str, Any] = {
        "search": {"gap": one.gap},
        "honesty": {"cells": {"normal": _cell(one, 6), "reduction": _cell(one, 6)}},
        "params": {"supernet": 3_000_000, "live": one.live, "with_dead_edges": 2 * one.live},
        "time": {"search": 90.0},
        "versions": {},
    }
    _json(run / "metrics.json", metrics)
    _json(run / "settings.json", {"preset": "quick"})
    _json(run / "genotype.json", {})


def _cell(one: Made, edges: int) -> dict[str, Any]:
    return {"edges": edges, "polynomials": edges * (one.polynomials or 0.0)}


def _retraining(run: Path, one: Made, number: int, accuracy: float | None) -> None:
    _json(run / "settings.json", {"preset": "quick"})
    if accuracy is not None:
        metrics = {
            "test": {"accuracy": accuracy, "macro_f1": accuracy - 0.01, "clips": CLIPS},
            "params": {"live": one.live},
            "time": {"train": 60.0 * number},
            "versions": {},
        }
        _json(run / "metrics.json", metrics)
        _json(run / "test.json", {})


def _json(path: Path, data: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
