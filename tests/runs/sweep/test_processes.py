"""Trials side by side: the figures of one after another, whatever dies or is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path

import pytest
from recordings import metrics_of
from small_sweep import A1, A, B, contents, do, laid_out, name

from dslnas.base.run_folder import SETTINGS
from dslnas.runs.sweep.folder import SweepFolder
from dslnas.runs.sweep.processes import Processes
from dslnas.runs.sweep.work import Job, jobs_of
from dslnas.runs.threads import Threads
from dslnas.train.observer import Observer, Silent

pytestmark = pytest.mark.usefixtures("tiny_runs")
NO_PAGES = "import dslnas.report.page\ndslnas.report.page.write_report = lambda path: path / 'report.html'\n"


class Together:
    """Watches several jobs: how many at a time at most, in which order, and what their observers are told."""

    def __init__(self) -> None:
        self.now, self.most = set[str](), 0
        self.order = list[str]()
        self.stages = set[tuple[str, str]]()

    @contextmanager
    def job(self, job: Job) -> Iterator[Observer]:
        self.now.add(job.name)
        self.order.append(f"begin {job.name}")
        self.most = max(self.most, len(self.now))
        yield self.observer(job)
        self.now.remove(job.name)
        self.order.append(f"end {job.name}")

    def observer(self, job: Job) -> Observer:
        stages = self.stages

        class Told(Silent):
            def begin(self, stage: str, total: int) -> None:
                stages.add((job.name, stage))

        return Told()


class Interrupted(Together):
    """Ctrl-C comes as soon as a search has begun."""

    def observer(self, job: Job) -> Observer:
        class Stops(Silent):
            def begin(self, stage: str, total: int) -> None:
                if stage == "search":
                    raise KeyboardInterrupt

        return Stops()


def jobs(folder: SweepFolder, *trials: str) -> list[Job]:
    wanted = {name(trial, folder) for trial in trials}
    return [job for job in jobs_of(folder, folder.pending()) if job.name in wanted]


def plugin(folder: Path, text: str) -> tuple[str, ...]:
    (folder / "plugin.py").write_text(text)
    return (str(folder / "plugin.py"),)


def test_trials_side_by_side_come_to_the_same_figures(done: SweepFolder, tones: Path, tmp_path: Path) -> None:
    folder, watch = laid_out(tmp_path, tones), Together()
    a, a1, b = (name(trial, folder) for trial in (A, A1, B))
    (folder.run(b) / SETTINGS).write_text("{}")
    engine = Processes(2, threads=Threads(1), plugins=plugin(tmp_path, NO_PAGES))
    outcomes = {one.job.name: one.error for one in engine(jobs(folder, A, A1, B), watch)}
    assert outcomes[a] is None and outcomes[a1] is None and f"{SETTINGS}: a part" in (outcomes[b] or "")
    assert watch.most == 2 and watch.now == set()
    assert watch.order.index(f"end {a}") < watch.order.index(f"begin {a1}")
    assert {(a, "search"), (a1, "train"), (a1, "test")} <= watch.stages
    assert (a1, "search") not in watch.stages
    for trial, other in ((a, A), (a1, A1)):
        assert metrics_of(folder.run(trial)) == metrics_of(done.run(name(other, done)))
    found, expected = contents(folder), contents(done)
    assert {Path(path).name for path in found} == {Path(path).name for path in expected}
    assert set(found.values()) <= set(expected.values())


def test_a_process_that_is_killed_is_the_end_of_its_trial_alone(tones: Path, tmp_path: Path) -> None:
    """Of two, the one that first takes a file away kills itself, as the system does where memory runs out."""
    folder = laid_out(tmp_path, tones)
    for trial in (A, B):
        (folder.run(name(trial, folder)) / SETTINGS).write_text("{}")
    (tmp_path / "bullet").touch()
    text = f"""
import os, signal
try:
    os.unlink({str(tmp_path / "bullet")!r})
    os.kill(os.getpid(), signal.SIGKILL)
except FileNotFoundError:
    pass
"""
    engine = Processes(2, threads=Threads(1), plugins=plugin(tmp_path, text))
    errors = sorted(one.error or "" for one in engine(jobs(folder, A, B), Together()))
    assert len(errors) == 2
    assert errors[1] == "its process was ended by SIGKILL, as happens where memory runs out"
    assert f"{SETTINGS}: a part" in errors[0]


def test_an_interrupt_ends_every_process_and_loses_nothing(
    done: SweepFolder, tones: Path, tmp_path: Path
) -> None:
    folder = laid_out(tmp_path, tones)
    engine = Processes(2, threads=Threads(1), plugins=plugin(tmp_path, NO_PAGES))
    with pytest.raises(KeyboardInterrupt):
        list(engine(jobs(folder, A), Interrupted()))
    assert active_children() == []
    again = SweepFolder.open(folder.path)
    assert do(again, "*-A-1") == ([name(A, folder), name(A1, folder)], {})
    assert metrics_of(folder.run(name(A1, folder))) == metrics_of(done.run(name(A1, done)))
