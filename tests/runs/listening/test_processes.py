"""Work that is shared out among processes: the results are in order, and a process that ends is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dslnas.base.diagnostics import DslnasError, fail
from dslnas.runs.listening.processes import shared_out


@dataclass(frozen=True)
class Squares:
    """Tells the process as well; one number it cannot stand, and one that ends it."""

    refuses: int = -1
    dies: int = -1

    def ready(self) -> Callable[[int], tuple[int, int]]:
        return self._square

    def _square(self, number: int) -> tuple[int, int]:
        if number == self.refuses:
            raise fail("N0701", f"{number} is too much")
        if number == self.dies:
            os._exit(3)
        return number**2, os.getpid()


def test_results_are_in_order_and_errors_reach_the_user() -> None:
    found = list(shared_out(Squares(), range(20), 2))
    assert [square for square, _ in found] == [number**2 for number in range(20)]
    processes = {process for _, process in found}
    assert len(processes) == 2 and os.getpid() not in processes
    with pytest.raises(DslnasError, match="2 is too much"):
        list(shared_out(Squares(refuses=2), range(4), 1))
    with pytest.raises(DslnasError, match="a process ended with exit code 3"):
        list(shared_out(Squares(dies=1), range(4), 1))
