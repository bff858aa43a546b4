"""A sweep of seconds: two searches, and two retrainings of what each finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dslnas.base.run_folder import GENOTYPE, TEST, WEIGHTS
from dslnas.runs.sweep.folder import SweepFolder, lay_out
from dslnas.runs.sweep.trials import load_sweeps
from dslnas.runs.sweep.work import Here, Job, JobResult, jobs_of
from dslnas.train.observer import Observer, Silent

TEXT = """# Small: a sweep of seconds.
use "lib/methods.nas"

space Small(channels = 4) {{
    network = input -> conv(3, channels) -> choose {{maxpool(3, 2), avgpool(3, 2)}} -> bn -> relu
        -> global_pool -> linear(classes)
}}

sweep small {{
    spaces:       Small
    methods:      darts
    data:         "folder:{data}"
    searches:     2
    retrains:     2
    search.batch: 4
    train.batch:  4
    search.steps: {steps}
    train.steps:  4
}}
"""
A, A1, A2, B, B1, B2 = (f"Small-real-DATA-darts-{trial}" for trial in ("A", "A-1", "A-2", "B", "B-1", "B-2"))


class Quiet:
    """Watches, and knows which jobs there were."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @contextmanager
    def job(self, job: Job) -> Iterator[Observer]:
        self.seen.append(job.name)
        yield Silent()


def write(folder: Path, tones: Path, steps: int = 3, more: str = "") -> Path:
    path = folder / "small.nas"
    path.write_text(TEXT.format(data=tones, steps=steps) + more, encoding="utf-8")
    return path


def laid_out(folder: Path, tones: Path, steps: int = 3, more: str = "") -> SweepFolder:
    return lay_out(load_sweeps(str(write(folder, tones, steps, more))), folder / "sweep", device="cpu")


def name(trial: str, folder: SweepFolder) -> str:
    """The name of a trial, whose part for the data is long."""
    return next(one for one in folder.trials if one.endswith(f"-darts-{trial.rpartition('-darts-')[2]}"))


def do(folder: SweepFolder, pattern: str = "*") -> tuple[list[str], dict[str, str]]:
    """Do what is left; the trials that were done, and what went wrong."""
    watch, outcomes = Quiet(), list[JobResult]()
    for outcome in Here()(jobs_of(folder, folder.pending(pattern)), watch):
        folder.record(outcome.job.name, outcome.error)
        outcomes.append(outcome)
    return watch.seen, {one.job.name: one.error for one in outcomes if one.error is not None}


def contents(folder: SweepFolder) -> dict[str, bytes]:
    """What the trials found."""
    return {
        f"{trial}/{file}": (folder.run(trial) / file).read_bytes()
        for trial in folder.trials
        for file in (GENOTYPE, WEIGHTS, TEST)
        if (folder.run(trial) / file).is_file()
    }
