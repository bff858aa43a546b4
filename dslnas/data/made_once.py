"""What the cache keeps is made once, however many processes ask for it together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

T = TypeVar("T")


def cached(path: Path, find: Callable[[], T | None], make: Callable[[], T]) -> T:
    """What `find` finds at a path of the cache, else what `make` makes and stores there.

    Of processes that begin together one makes it, and the others wait and find it.
    """
    if (found := find()) is not None:
        return found
    with alone(path):
        found = find()
        return make() if found is None else found


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes from making the same; without a lock each does, which costs time only."""
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    with suppress(OSError, NotImplementedError):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
