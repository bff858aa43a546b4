"""The engine with several processes: jobs in parallel on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from ...base.processors import ending, uninterrupted
from ...train.observer import Observer
from ..threads import Threads
from .work import Job, JobResult, Watch, perform_with


@dataclass(frozen=True)
class Processes:
    """Runs each job in a process of its own, so that one that dies does not stop the others.

    count: how many at a time. threads: processor threads of each; their number changes the last digits of
    sums. plugins: those of `--plugin`, which each job loads too.
    """

    count: int
    threads: Threads
    plugins: tuple[str, ...] = ()

    def __call__(self, jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]:
        """Start each job once its search has ended and fewer than `count` are running; yields outcomes."""
        waiting = list(jobs)
        running: dict[Any, _Running] = {}  # by its pipe
        try:
            while waiting or running:
                for job in _ready(waiting, [one.job for one in running.values()])[
                    : self.count - len(running)
                ]:
                    waiting.remove(job)
                    started = self._started(job, watch)
                    running[started.pipe] = started
                for pipe in wait(list(running)):
                    if (outcome := running[pipe].heard()) is not None:
                        running.pop(pipe).close()
                        yield outcome
        finally:  # finished work of an interrupted job stays in its folder
            for one in running.values():
                one.close()

    def _started(self, job: Job, watch: Watch) -> _Running:
        context = get_context("spawn")  # a fork of a process that has used torch's threads may hang
        pipe, end = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(job, self.threads, self.plugins, end), daemon=True)
        with uninterrupted():
            process.start()
        end.close()  # now only the process has it, and its end closes it
        shown = ExitStack()
        return _Running(job, process, pipe, shown, shown.enter_context(watch.job(job)))


def _ready(waiting: Sequence[Job], running: Sequence[Job]) -> list[Job]:
    """The waiting jobs whose search has ended or that need none."""
    unfinished = {job.name for job in (*waiting, *running)}
    return [job for job in waiting if job.source is None or job.source.name not in unfinished]


@dataclass(frozen=True)
class _Running:
    """A running job. pipe: receives its progress; shown: the context of its observer."""

    job: Job
    process: BaseProcess
    pipe: Connection
    shown: ExitStack
    observer: Observer

    def heard(self) -> JobResult | None:
        """Receive one message and pass progress on to the observer; returns the outcome once there is one."""
        try:
            kind, *content = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            return JobResult(self.job, f"its process {ending(self.process.exitcode)}")
        if kind == "outcome":
            self.process.join()
            outcome: JobResult = content[0]
            return outcome
        arguments, figures = content
        getattr(self.observer, kind)(*arguments, **figures)
        return None

    def close(self) -> None:
        """End the process if it is still running, and close its observer."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()
        self.shown.close()


@dataclass(frozen=True)
class _Sender:
    """The observer in the process of a job: sends progress to the parent; raises where the pipe is closed."""

    pipe: Connection

    def begin(self, stage: str, total: int) -> None:
        self._send("begin", stage, total)

    def advance(self, stage: str, done: int, **figures: float) -> None:
        self._send("advance", stage, done, **figures)

    def say(self, text: str) -> None:
        self._send("say", text)

    def _send(self, kind: str, *arguments: Any, **figures: float) -> None:
        self.pipe.send((kind, arguments, figures))


def _work(job: Job, threads: Threads, plugins: tuple[str, ...], pipe: Connection) -> None:
    """Perform a job in a process of its own, and send its outcome."""
    outcome = perform_with(job, threads, plugins, _Sender(pipe))
    with suppress(BrokenPipeError):
        pipe.send(("outcome", outcome))
