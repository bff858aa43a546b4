"""The work of one trial, by its folder alone: on this machine or on another that sees the same files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...base.diagnostics import DslnasError, fail
from ...base.rendering import render_text
from ...base.run_folder import GENOTYPE
from ...ir.genotype import Genotype, read
from ...ir.primitives.plugins import load_plugins
from ...train.observer import Observer
from ..run import Run
from .folder import Planned, SweepFolder


@dataclass(frozen=True)
class Job:
    """A trial that is left to do. source: the folder of the search whose genotype it trains."""

    name: str
    folder: Path
    source: Path | None
    searches: bool


@dataclass(frozen=True)
class JobResult:
    """How a job ended: well where `error` is None."""

    job: Job
    error: str | None = None


class Watch(Protocol):
    """Whoever watches a sweep: gives each job on this machine, where its steps are seen, its observer."""

    def job(self, job: Job) -> AbstractContextManager[Observer]: ...


class Engine(Protocol):
    """Does jobs, each after the one that its genotype comes from, and hands out how each ended."""

    def __call__(self, jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]: ...


def jobs_of(folder: SweepFolder, trials: Sequence[Planned]) -> list[Job]:
    """The jobs of trials, their paths in full."""
    path = folder.path.absolute()
    return [
        Job(one.name, path / one.name, path / one.source if one.source else None, not one.number)
        for one in trials
    ]


def perform(job: Job, observer: Observer | None = None) -> JobResult:
    """Do what is left of a job. What goes wrong is its outcome: one broken trial does not stop the others."""
    try:
        run = Run.open(job.folder)
        if job.source is not None:
            run = run.take(_found(job.source))
        run.execute(observer, "search" if job.searches else "test")
    except DslnasError as error:
        return JobResult(job, "\n".join(map(render_text, error.diagnostics)))
    except (
        Exception
    ) as error:  # a defect of ours or of this machine: told with its kind, and the rest goes on
        return JobResult(job, f"{type(error).__name__}: {error}")
    return JobResult(job)


def perform_with(
    job: Job, threads: int, plugins: Sequence[str], observer: Observer | None = None
) -> JobResult:
    """A job in another process than the sweep's: with its threads, and with the primitives of plugins."""
    load_plugins(plugins)
    import torch

    torch.set_num_threads(threads)
    return perform(job, observer)


def _found(source: Path) -> Genotype:
    """What a search found; raises DslnasError N0701 where that is nothing yet."""
    if not (source / GENOTYPE).is_file():
        raise fail("N0701", f"its search, {source.name}, has found no genotype")
    return read(source / GENOTYPE)


def here(jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]:
    """The engine of this machine: one job after another."""
    for job in jobs:
        with watch.job(job) as observer:
            outcome = perform(job, observer)
        yield outcome
