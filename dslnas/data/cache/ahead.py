"""What is wanted in a known order, made one ahead while the one before is used."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """What `make` makes of numbers that mostly follow each other: of `number + 1` while `number` is used.

    A thread makes them, one at a time; what it makes of a number must not depend on earlier ones.
    """

    def __init__(self, make: Callable[[int], T]) -> None:
        self._make = make
        self._pool = ThreadPoolExecutor(1, "reading ahead")
        self._next: tuple[int, Future[T]] | None = None

    def at(self, number: int) -> T:
        """What is made of a number; begins with the next one. Raises what `make` raises."""
        known = self._next
        wanted = known[1] if known and known[0] == number else self._pool.submit(self._make, number)
        self._next = None
        found = wanted.result()
        self._next = number + 1, self._pool.submit(self._make, number + 1)
        return found
