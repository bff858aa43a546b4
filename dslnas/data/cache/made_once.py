"""Cache entries that are made once, however many processes need them at the same time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

T = TypeVar("T")


def cached(path: Path, find: Callable[[], T | None], make: Callable[[], T]) -> T:
    """What `find` loads from a path of the cache, or else what `make` computes and stores there.

    Of several processes one makes it, and the others wait and load it. What is found counts as used now.
    """
    if (found := find()) is not None:
        with suppress(OSError):
            os.utime(path)
        return found
    with alone(path):
        found = find()
        return make() if found is None else found


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """A context that locks a path of the cache; where no lock can be had, this costs time only."""
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    with suppress(OSError, NotImplementedError):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
