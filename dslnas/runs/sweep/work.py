"""Execution of a trial from its folder alone, on this machine or on another with the same files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...base.diagnostics import DslnasError, fail
from ...base.processors import sleep_while_waiting
from ...base.rendering import render_text
from ...base.run_folder import GENOTYPE
from ...ir.genotype import Genotype, read
from ...ir.primitives.plugins import load_plugins
from ...train.observer import Observer
from ..run import Run
from ..threads import AS_TORCH_HAS, Threads
from .folder import Planned, SweepFolder


@dataclass(frozen=True)
class Job:
    """A trial to be run. source: the folder of the search whose genotype it trains; None: it needs none."""

    name: str
    folder: Path
    source: Path | None
    searches: bool


@dataclass(frozen=True)
class JobResult:
    """The outcome of a job; `error` is None where it succeeded."""

    job: Job
    error: str | None = None


class Watch(Protocol):
    """Progress display of a sweep: gives each job on this machine its observer."""

    def job(self, job: Job) -> AbstractContextManager[Observer]:
        """The context in which a job runs, with its observer."""


class Engine(Protocol):
    """Runs jobs, each after the search whose genotype it trains, and yields their outcomes."""

    def __call__(self, jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]: ...


def jobs_of(folder: SweepFolder, trials: Sequence[Planned]) -> list[Job]:
    """The jobs of trials, with absolute paths."""
    path = folder.path.absolute()
    return [
        Job(one.name, path / one.name, path / one.source if one.source else None, not one.number)
        for one in trials
    ]


def perform(job: Job, observer: Observer | None = None, threads: Threads = AS_TORCH_HAS) -> JobResult:
    """Do what is left of a job. Errors are its outcome: one failed trial does not stop the others."""
    try:
        run = Run.open(job.folder)
        if job.source is not None:
            run = run.take(_found(job.source))
        run.execute(observer, "search" if job.searches else "test", threads)
    except DslnasError as error:
        return JobResult(job, "\n".join(map(render_text, error.diagnostics)))
    except Exception as error:  # a defect of ours or of the machine, which must not stop the others
        return JobResult(job, f"{type(error).__name__}: {error}")
    return JobResult(job)


def perform_with(
    job: Job, threads: Threads, plugins: Sequence[str], observer: Observer | None = None
) -> JobResult:
    """Perform a job in another process than the sweep's, with its threads and the primitives of plugins."""
    sleep_while_waiting()  # before a plugin imports torch
    load_plugins(plugins)
    return perform(job, observer, threads)


def _found(source: Path) -> Genotype:
    """The genotype of a search; raises DslnasError N0701 where there is none yet."""
    if not (source / GENOTYPE).is_file():
        raise fail("N0701", f"its search, {source.name}, has found no genotype")
    return read(source / GENOTYPE)


@dataclass(frozen=True)
class Here:
    """The engine of this process: one job after another. threads: of each."""

    threads: Threads = AS_TORCH_HAS

    def __call__(self, jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]:
        """Run each job and yield its outcome."""
        for job in jobs:
            with watch.job(job) as observer:
                outcome = perform(job, observer, self.threads)
            yield outcome
