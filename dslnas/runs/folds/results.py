"""What the folds of a cross-validation say together: means, deviations, and the test of all clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from ...base.diagnostics import DslnasError
from ...base.figures import from_to, is_number, percent, wilson
from ...base.files import read_json, write_json
from ...base.run_folder import TEST
from .folder import FoldsFolder

SUMMARY, REPORT = "summary.json", "report.html"


@dataclass(frozen=True)
class Fold:
    """The test of one fold. confusion: rows are true classes; recordings: those that its clips are of."""

    name: str
    accuracy: float
    macro_f1: float
    clips: int
    recordings: int
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    parameters: float | None


@dataclass(frozen=True)
class Results:
    """The folds that are done, and the names of the others with their errors, where they had one."""

    folds: tuple[Fold, ...]
    planned: int
    left: tuple[str, ...]
    failed: Mapping[str, str]

    @property
    def accuracy(self) -> tuple[float, float | None] | None:
        """The mean over folds and its sample deviation (n - 1), which one fold does not have."""
        return _spread([fold.accuracy for fold in self.folds])

    @property
    def macro_f1(self) -> tuple[float, float | None] | None:
        """The mean macro F1 over folds and its sample deviation."""
        return _spread([fold.macro_f1 for fold in self.folds])

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes; empty where no fold is done."""
        return self.folds[0].classes if self.folds else ()

    @property
    def confusion(self) -> list[list[int]]:
        """The confusion of all clips, each told by the network that has not heard it."""
        tables = [fold.confusion for fold in self.folds]
        return [[sum(cells) for cells in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]

    @property
    def right(self) -> int:
        """How many of all clips are told rightly."""
        return sum(row[place] for place, row in enumerate(self.confusion))

    @property
    def clips(self) -> int:
        """How many clips have been tested."""
        return sum(fold.clips for fold in self.folds)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share of all clips that is told rightly (`wilson`)."""
        share = self.right / self.clips if self.clips else 0.0
        return wilson(share, sum(fold.recordings for fold in self.folds))

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON data."""
        together = {
            "clips": self.clips,
            "right": self.right,
            "accuracy": self.right / self.clips if self.clips else None,
            "interval": list(self.interval),
            "confusion": self.confusion,
        }
        return {
            "folds": [
                {
                    "run": fold.name,
                    "accuracy": fold.accuracy,
                    "accuracy_interval": list(wilson(fold.accuracy, fold.recordings)),
                    "macro_f1": fold.macro_f1,
                    "clips": fold.clips,
                    "parameters": fold.parameters,
                }
                for fold in self.folds
            ],
            "planned": self.planned,
            "classes": list(self.classes),
            "accuracy": _described(self.accuracy),
            "macro_f1": _described(self.macro_f1),
            "together": together,
            "left": list(self.left),
            "failed": dict(self.failed),
        }

    @property
    def lines(self) -> list[str]:
        """What the folds say, in words."""
        if self.accuracy is None:
            return []
        count = f"{len(self.folds)} of {self.planned}" if self.left else f"{len(self.folds)}"
        told = [
            f"{name}: {_words(spread)} over {count} folds"
            for name, spread in (("accuracy", self.accuracy), ("macro F1", self.macro_f1))
        ]
        interval = from_to(self.interval)
        told.append(f"all folds together: {self.right} of {self.clips} clips right, 95 % interval {interval}")
        return told


def _spread(values: list[float]) -> tuple[float, float | None] | None:
    if not values:
        return None
    return fmean(values), stdev(values) if len(values) > 1 else None


def _described(spread: tuple[float, float | None] | None) -> dict[str, float | None] | None:
    return None if spread is None else {"mean": spread[0], "deviation": spread[1]}


def _words(spread: tuple[float, float | None] | None) -> str:
    assert spread is not None
    mean, deviation = spread
    return f"mean {percent(mean)}" + ("" if deviation is None else f", deviation {percent(deviation)}")


def results_of(folder: FoldsFolder) -> Results:
    """The results of a cross-validation, from the files of its runs."""
    folds = [fold for name in folder.names if folder.done(name) and (fold := _fold(folder, name))]
    return Results(tuple(folds), len(folder.names), tuple(folder.left), folder.failed())


def _fold(folder: FoldsFolder, name: str) -> Fold | None:
    """The test of a fold; None where a file of it is broken."""
    metrics = folder.metrics(name)
    tested, params = metrics.get("test"), metrics.get("params")
    try:
        details = read_json(folder.run(name) / TEST)
        assert isinstance(tested, dict)
        clips = details["clips"]
        parts = any(name in clip for clip in clips for name in ("channel", "whole"))
        apart = {clip.get("whole", clip["path"]) for clip in clips} if parts else clips
        live = params.get("live") if isinstance(params, dict) else None
        return Fold(
            name,
            float(tested["accuracy"]),
            float(tested["macro_f1"]),
            len(clips),
            len(apart),
            tuple(map(str, details["classes"])),
            tuple(tuple(map(int, row)) for row in details["confusion"]),
            live if is_number(live) else None,
        )
    except (DslnasError, AssertionError, LookupError, TypeError, ValueError):
        return None


def write_results(folder: FoldsFolder, found: Results) -> Path:
    """Write the figures as JSON and as a page that leads to the report of each fold; returns its path."""
    from ...report.reader.folds import write_page

    write_json(folder.path / SUMMARY, found.to_json())
    page = folder.path / REPORT
    rows = [
        (fold.name, fold.accuracy, wilson(fold.accuracy, fold.recordings), fold.macro_f1, fold.clips)
        for fold in found.folds
    ]
    unfinished = [(name, found.failed.get(name, "")) for name in found.left]
    write_page(page, found.lines, rows, unfinished, found.classes, found.confusion)
    return page
