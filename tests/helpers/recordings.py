"""A small data set of the user's own recordings, and experiments on it that take a second."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import HISTORY, METRICS
from dslnas.data.catalog import KNOWN
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


def make_dcase2018(root: Path, sessions: int = 1, seconds: float = 0.4) -> Path:
    """DCASE 2018 task 5 as it is published, in small: two segments of four channels for each session.

    Every fold tests so many sessions of each class; `train` and `test` lists are those of the challenge too.
    """
    chance = np.random.default_rng(0)
    folder = root / "DCASE2018-task5-dev"
    time = np.arange(round(16000 * seconds)) / 16000
    rows: dict[int, list[tuple[str, str, str]]] = {fold: [] for fold in range(1, 5)}
    (folder / "audio").mkdir(parents=True)
    (folder / "evaluation_setup").mkdir()
    for label, name in enumerate(KNOWN["dcase2018"].classes):
        for fold, session, segment in product(rows, range(sessions), (1, 2)):
            called = f"ex{100 * fold + 10 * session + label}"
            path = f"audio/DevNode{fold}_{called}_{segment}.wav"
            tone = 0.3 * np.sin(2 * np.pi * (300 + 400 * label + 10 * segment) * time)
            noise = 0.03 * np.arange(1, 5) * chance.standard_normal((len(time), 4))
            soundfile.write(folder / path, tone[:, None] + noise, 16000)
            rows[fold].append((path, name, called))
    _write_lists(folder, rows)
    return root


def _write_lists(folder: Path, rows: dict[int, list[tuple[str, str, str]]]) -> None:
    """`meta.txt`, and the lists of what each fold trains on, tests, and tests with its classes."""

    def write(name: str, lines: Iterable[Sequence[str]]) -> None:
        text = "".join("\t".join(line) + "\n" for line in lines)
        (folder / name).write_text(text, encoding="utf-8")

    write("meta.txt", [row for fold in rows.values() for row in fold])
    for fold, own in rows.items():
        others = [row for other, listed in rows.items() if other != fold for row in listed]
        write(f"evaluation_setup/fold{fold}_train.txt", others)
        write(f"evaluation_setup/fold{fold}_test.txt", [row[:1] for row in own])
        write(f"evaluation_setup/fold{fold}_evaluate.txt", [row[:2] for row in own])


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
