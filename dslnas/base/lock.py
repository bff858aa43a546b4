"""The lock of a run folder: one process at a time works in it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .diagnostics import DslnasError, fail
from .files import read_json, write_atomically

LOCK, HOLDER = ".lock", ".lock.json"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run folder; raises DslnasError N0701 naming the one that holds it.

    The operating system holds the lock for the process: it is free again when that ends, however it ends.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        help = "wait until it is done, or end it; what it has done is kept"
        raise fail("N0701", f"{folder}: {_holder(folder)} is at work in this run", help=help) from None
    except OSError as error:
        raise fail("N0701", f"{folder} cannot be locked: {error.strerror or error}") from None
    try:
        holder = {"process": os.getpid(), "host": platform.node()}
        write_atomically(folder / HOLDER, json.dumps(holder).encode())
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def _holder(folder: Path) -> str:
    """The process that holds the lock, from the file it writes; `another process` before it has written."""
    try:
        holder = read_json(folder / HOLDER)
        process, host = holder["process"], holder["host"]
    except (DslnasError, TypeError, KeyError):
        return "another process"
    return f"process {process}" if host == platform.node() else f"process {process} on {host}"
