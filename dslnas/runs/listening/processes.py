"""One kind of work shared out among processes, with the results in the order of the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Protocol, TypeVar

from ...base.diagnostics import Diagnostic, DslnasError, fail
from ...base.processors import ending, uninterrupted

Task = TypeVar("Task", contravariant=True)
Result = TypeVar("Result", covariant=True)
Given = TypeVar("Given")
Made = TypeVar("Made")


class Worker(Protocol, Generic[Task, Result]):
    """What each process is given: it makes ready once, and then does one task after the other."""

    def ready(self) -> Callable[[Task], Result]:
        """What does a task; it may raise DslnasError, and so may this."""


def shared_out(worker: Worker[Given, Made], tasks: Sequence[Given], count: int) -> Iterator[Made]:
    """The results of tasks in their order, from so many processes; each takes the next task when it is free.

    worker, tasks and results are pickled. Raises what a worker raises as DslnasError, and DslnasError N0603
    where a process ends before its work is done. The processes end with the iterator, and with this process.
    """
    running: dict[Any, _Process] = {}  # by its pipe
    results: dict[int, Made] = {}
    waiting = iter(range(len(tasks)))
    try:
        for _, number in zip(range(count), waiting, strict=False):
            one = _Process.start(worker)
            running[one.pipe] = one
            one.give(number, tasks[number])
        for place in range(len(tasks)):
            while place not in results:
                for pipe in wait(list(running)):
                    number, result = running[pipe].result()
                    results[number] = result
                    if (following := next(waiting, None)) is not None:
                        running[pipe].give(following, tasks[following])
            yield results.pop(place)
    finally:
        for one in running.values():
            one.close()


@dataclass(frozen=True)
class _Process:
    """A process that works, and the pipe to it."""

    process: BaseProcess
    pipe: Connection

    @staticmethod
    def start(worker: Any) -> _Process:
        """Start one."""
        context = get_context("spawn")  # a fork of a process that has used torch's threads may hang
        pipe, end = context.Pipe()
        process = context.Process(target=_work, args=(worker, end), daemon=True)
        with uninterrupted():
            process.start()
        end.close()  # now only the process has it, and its end closes it
        return _Process(process, pipe)

    def give(self, number: int, task: Any) -> None:
        """Send a task with its number; that the process has ended shows when its result is awaited."""
        with suppress(ConnectionError):
            self.pipe.send((number, task))

    def result(self) -> tuple[int, Any]:
        """The number of the task that is done, and its result; raises DslnasError as `shared_out` does."""
        try:
            number, result, wrong = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            help = "fewer --processes take less memory"
            raise fail("N0603", f"a process {ending(self.process.exitcode)}", help=help) from None
        if wrong:
            raise DslnasError(*wrong)
        return number, result

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()


def _work(worker: Worker[Any, Any], pipe: Connection) -> None:
    """Do the tasks that come through a pipe, until its other end is closed."""
    perform: Callable[[Any], Any] | None = None
    with suppress(EOFError, ConnectionError):
        while True:
            number, task = pipe.recv()
            result: Any = None
            wrong: tuple[Diagnostic, ...] = ()
            try:
                perform = perform or worker.ready()
                result = perform(task)
            except DslnasError as error:
                wrong = error.diagnostics
            pipe.send((number, result, wrong))
