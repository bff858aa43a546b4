"""A small data set of the user's own recordings, and experiments on it that take a second."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import HISTORY, METRICS
from dslnas.runs.experiment import Experiment
from dslnas.runs.load import load
from dslnas.runs.request import Request

TINY = (
    "method=forcedarts",
    "nodes=2",
    "channels=4",
    "repeat=0",
    "search.batch=4",
    "train.batch=4",
    "search.epochs=3",
    "train.epochs=3",
    "train.mixup=0.2",
)


def make_recordings(root: Path, classes: int = 3, clips: int = 12) -> Path:
    """One folder a class of short tones with some noise, at 8 kHz."""
    chance = np.random.default_rng(0)
    time = np.arange(3200) / 8000
    for label in range(classes):
        folder = root / f"class{label}"
        folder.mkdir(parents=True)
        for clip in range(clips):
            tone = 0.4 * np.sin(2 * np.pi * (300 + 500 * label + 5 * clip) * time)
            soundfile.write(folder / f"{clip}.wav", tone + 0.05 * chance.standard_normal(len(time)), 8000)
    return root


def tiny(data: Path | str, *overrides: str, space: str = "ss1", seed: int = 0) -> Experiment:
    """An experiment on a folder of recordings with the smallest sizes."""
    return load(space, Request(data=f"folder:{data}", overrides=(*TINY, *overrides), seed=seed))


def metrics_of(path: Path) -> dict[str, Any]:
    """The figures of a run but for its times."""
    data: dict[str, Any] = json.loads((path / METRICS).read_text())
    return {name: value for name, value in data.items() if name != "time"}


def history_of(path: Path) -> list[dict[str, Any]]:
    """The records of a run but for their times."""
    lines = [json.loads(line) for line in (path / HISTORY).read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def refused(code: str, message: str, work: Callable[[], Any]) -> str:
    """The help of the one error that some work ends with."""
    with pytest.raises(DslnasError) as caught:
        work()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert message in diagnostic.message
    return diagnostic.help


def speakers_of(tones: Path, table: Path, speakers: int = 4) -> str:
    """The recordings of a folder as a table, shared out among speakers who say every class: `csv:PATH`."""
    files = sorted(tones.rglob("*.wav"))
    lines = [f"{file},{file.parent.name},speaker{int(file.stem) % speakers}" for file in files]
    table.write_text("\n".join(["file,label,speaker", *lines]))
    return f"csv:{table}"
