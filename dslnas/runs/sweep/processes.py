"""The engine of several processes: the same jobs, side by side on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from ...train.observer import Observer
from .work import Job, JobResult, Watch, perform_with


@dataclass(frozen=True)
class Processes:
    """Runs jobs as processes of their own: one that dies takes no other with it.

    count: how many at a time. threads: processor threads of each; their number changes the last digits of
    sums. plugins: what `--plugin` names, which each job loads as well.
    """

    count: int
    threads: int
    plugins: tuple[str, ...] = ()

    def __call__(self, jobs: Sequence[Job], watch: Watch) -> Iterator[JobResult]:
        """Every job as soon as the search that it needs has ended, and fewer than `count` are running."""
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
        finally:  # what an interrupted job has done is kept in its folder
            for one in running.values():
                one.close()

    def _started(self, job: Job, watch: Watch) -> _Running:
        context = get_context("spawn")  # a fork of a process that has used torch's threads may hang
        pipe, end = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(job, self.threads, self.plugins, end), daemon=True)
        with _uninterrupted():
            process.start()
        end.close()  # now the process alone has it, and its death closes it
        shown = ExitStack()
        return _Running(job, process, pipe, shown, shown.enter_context(watch.job(job)))


def _ready(waiting: Sequence[Job], running: Sequence[Job]) -> list[Job]:
    """The jobs whose search is neither to come nor going on."""
    unfinished = {job.name for job in (*waiting, *running)}
    return [job for job in waiting if job.source is None or job.source.name not in unfinished]


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process that is started within never sees Ctrl-C, which its terminal sends to all: we end it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(frozen=True)
class _Running:
    """A job at work. pipe: where its process tells what it does; shown: until it is closed, it is watched."""

    job: Job
    process: BaseProcess
    pipe: Connection
    shown: ExitStack
    observer: Observer

    def heard(self) -> JobResult | None:
        """Pass on what the process tells; how it ended, once it has."""
        try:
            kind, *told = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            return JobResult(self.job, f"its process {_ending(self.process.exitcode)}")
        if kind == "outcome":
            self.process.join()
            outcome: JobResult = told[0]
            return outcome
        arguments, figures = told
        getattr(self.observer, kind)(*arguments, **figures)
        return None

    def close(self) -> None:
        """End the process where it has not ended, and with it what is shown of it."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()
        self.shown.close()


def _ending(code: int | None) -> str:
    """How a process ended that did not say how its job went."""
    if code is None or code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    reason = ", as happens where memory runs out" if name == "SIGKILL" else ""
    return f"was ended by {name}{reason}"


@dataclass(frozen=True)
class _Teller:
    """Observes a job in its own process, and tells who started it. Where nobody listens, it breaks off."""

    pipe: Connection

    def begin(self, stage: str, total: int) -> None:
        self._tell("begin", stage, total)

    def advance(self, stage: str, done: int, **figures: float) -> None:
        self._tell("advance", stage, done, **figures)

    def say(self, text: str) -> None:
        self._tell("say", text)

    def _tell(self, kind: str, *arguments: Any, **figures: float) -> None:
        self.pipe.send((kind, arguments, figures))


def _work(job: Job, threads: int, plugins: tuple[str, ...], pipe: Connection) -> None:
    """A job in a process of its own."""
    outcome = perform_with(job, threads, plugins, _Teller(pipe))
    with suppress(BrokenPipeError):
        pipe.send(("outcome", outcome))
