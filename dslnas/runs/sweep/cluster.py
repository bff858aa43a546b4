"""The engine on a Ray cluster: jobs in parallel on machines that share a file system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..searches.cluster import connected
from ..threads import Threads
from .work import Job, JobResult, Watch, perform_with


@dataclass(frozen=True)
class Cluster:
    """Runs jobs on the cluster that `RAY_ADDRESS` names, or on one of this machine alone.

    threads: processor threads of each job. Their number changes the last digits of sums: with the same
    number, a job gives the same figures as on this machine. plugins: those of `--plugin`, which each job
    loads too.
    """

    threads: Threads
    plugins: tuple[str, ...] = ()

    def __call__(self, jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]:
        """Start each job once its search has ended and processors are free; progress is not observed.

        Raises DslnasError N0603 where Ray is not installed, or no machine of the cluster has the threads.
        """
        count = self.threads.count or 1
        ray = connected(count)
        remote = ray.remote(num_cpus=count, max_retries=0)(_perform)
        started: dict[str, Any] = {}
        for job in jobs:
            before = started.get(job.source.name) if job.source is not None else None
            started[job.name] = remote.remote(job, self.threads, self.plugins, before)
        by_task = {task: job for job, task in zip(jobs, started.values(), strict=True)}
        waiting = list(by_task)
        try:
            while waiting:
                (ended, *_), waiting = ray.wait(waiting, num_returns=1)
                yield _outcome(ray, ended, by_task[ended])
        finally:  # finished work of an interrupted job stays in its folder
            for task in waiting:
                ray.cancel(task, force=True)


def _outcome(ray: Any, task: Any, job: Job) -> JobResult:
    """The outcome of a task; a worker that died is a failed outcome."""
    try:
        outcome: JobResult = ray.get(task)
    except ray.exceptions.RayError as error:
        return JobResult(job, f"{type(error).__name__}: the worker of this trial is gone")
    return outcome


def _perform(job: Job, threads: Threads, plugins: tuple[str, ...], before: object) -> JobResult:
    """Perform a job in a process of the cluster. before: the task of its search, for which Ray waits."""
    del before
    return perform_with(job, threads, plugins)
