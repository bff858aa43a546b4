"""Who decides how many threads a run takes: the user, then what the run began with, then what is free."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dslnas.base.processors import COUNTING, Processors
from dslnas.base.run_folder import METRICS, TEST
from dslnas.runs import threads as deciding
from dslnas.runs.run import Run
from dslnas.runs.threads import AS_TORCH_HAS, Threads, free_threads, usable_threads
from dslnas.train.observer import Silent


@pytest.fixture(autouse=True)
def three_threads() -> Iterator[None]:
    """Torch begins with three threads, and has what it had afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("threads", "begun", "count", "said"),
    [
        (Threads(2, stated=False, reason="so it is"), None, 2, "2 threads: so it is"),
        (Threads(1, stated=False, reason="so it is"), None, 1, "1 thread: so it is"),
        (Threads(2, stated=False, reason="so it is"), 2, 2, None),
        (Threads(1, stated=False), 2, 2, "2 threads, as this run began; a new one would take 1 now"),
        (Threads(1), None, 1, None),
        (Threads(1), 1, 1, None),
        (Threads(1), 2, 1, "this run began with 2 threads and goes on with 1"),
        (AS_TORCH_HAS, None, 3, None),
        (AS_TORCH_HAS, 1, 3, "this run began with 1 thread and goes on with 3"),
    ],
)
def test_what_is_stated_comes_before_what_was_begun(
    threads: Threads, begun: int | None, count: int, said: str | None
) -> None:
    heard: list[str] = []
    chosen = threads.take(begun, heard.append)
    assert torch.get_num_threads() == count
    assert chosen == ({"chosen": "so it is"} if begun is None and threads.reason else {})
    assert len(heard) == (said is not None) and (said or "") in "".join(heard)


def there(monkeypatch: pytest.MonkeyPatch, found: Processors) -> None:
    for name in COUNTING:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(deciding, "processors", lambda *_: found)


@pytest.mark.parametrize(
    ("found", "count", "reason"),
    [
        (Processors(4, 4, 0.1), 3, "4 processors, 0.1 in use by others"),
        (Processors(4, 2, 0.1), 2, "this process may use 2 of 4 processors"),
        (Processors(4, 4, 2.9), 1, "2.9 of 4 processors are in use by others (`--threads 3` takes 3"),
    ],
)
def test_a_new_run_takes_what_is_free_and_says_why(
    monkeypatch: pytest.MonkeyPatch, found: Processors, count: int, reason: str
) -> None:
    there(monkeypatch, found)
    threads = free_threads()
    assert (threads.count, threads.stated) == (count, False) and reason in threads.reason
    assert usable_threads() == min(3, found.usable)


@pytest.mark.parametrize("name", COUNTING)
def test_the_environment_decides_where_it_states_a_number(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    there(monkeypatch, Processors(4, 1, 3.9))
    monkeypatch.setenv(name, "3")
    threads = free_threads()
    assert threads.stated and threads.count is None and name in threads.reason
    assert usable_threads() == 3


class Hearing(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


@pytest.mark.usefixtures("tiny_runs")
@pytest.mark.parametrize(("begun", "count"), [(2, 2), (None, 1), ("two", 1), (10**9, 1), (True, 1)])
def test_a_run_goes_on_with_what_it_began_with(copy: Path, begun: object, count: int) -> None:
    metrics = json.loads((copy / METRICS).read_text())
    (copy / METRICS).write_text(json.dumps(metrics | {"machine": {"device": "CPU", "threads": begun}}))
    (copy / TEST).unlink()
    hearing = Hearing()
    told = Run.open(copy).execute(hearing, threads=Threads(1, stated=False, reason="so it is"))
    assert torch.get_num_threads() == told["machine"]["threads"] == count
    assert [line for line in hearing.said if "thread" in line] == [
        "2 threads, as this run began; a new one would take 1 now" if begun == 2 else "1 thread: so it is"
    ]
