"""What the cache holds, by data set, and its removal; all of it is made again when it is needed.

Data sets that a user has put into the folder are neither counted nor removed.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ...base import limits
from ..catalog import KNOWN
from ..download import MARK
from .made_once import alone

FEATURES, DIGITS = "features", "digits"
GRAMMAR = "the grammar"
UNNAMED = "of an earlier version"  # features that do not say whose they are
LEFTOVER, LEFTOVERS = 86_400.0, "left by what was ended"  # seconds after which an unfinished file is no one's


@dataclass(frozen=True)
class Entry:
    """A file or folder of the cache. data: whose it is; used: when it was last read or made, in seconds."""

    path: Path
    data: str
    size: int
    used: float


def entries(folder: Path) -> list[Entry]:
    """What a cache folder holds, the data sets in the order of their names; empty where there is none."""
    found = (_entry(path, data) for path, data in _made(folder))
    return sorted((one for one in found if one is not None), key=lambda one: (one.data, str(one.path)))


def remove(found: Iterable[Entry]) -> list[Entry]:
    """Remove entries from the cache; returns those that could be.

    A run that has read an entry goes on without it, as its tensors are in memory; one whose data set is too
    large for that ends, and makes it again when it is resumed.
    """
    gone = []
    for one in found:
        with alone(one.path):  # not while a run makes it
            if one.path.is_dir():
                shutil.rmtree(one.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    one.path.unlink(missing_ok=True)
        if not one.path.exists():
            gone.append(one)
    return gone


def _made(folder: Path) -> Iterator[tuple[Path, str]]:
    """The paths of a cache folder that dslnas has made, and whose they are."""
    for path in _in(folder / FEATURES):
        if path.suffix == ".safetensors":
            yield path, _data_of(path)
    for path in _in(folder / DIGITS):
        if path.is_dir() and not path.name.startswith("."):
            yield path, DIGITS
    for path in _in(folder):
        if path.name.startswith("grammar-") and path.suffix == ".lark":
            yield path, GRAMMAR
        elif (path / MARK).is_file():
            yield path, next((name for name, known in KNOWN.items() if path.name in known.folders), path.name)
    for place in (folder, folder / FEATURES, folder / DIGITS):
        for path in _in(place):
            unfinished = path.name.startswith(".") and not path.name.endswith(".lock")
            if unfinished and time.time() - _changed(path) > LEFTOVER:
                yield path, LEFTOVERS


def _in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone in the meantime
        return time.time()


def _entry(path: Path, data: str) -> Entry | None:
    """The entry of a path; None where it is gone in the meantime."""
    try:
        files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
        return Entry(path, data, sum(one.stat().st_size for one in files), path.stat().st_mtime)
    except OSError:
        return None


def _data_of(path: Path) -> str:
    """The data set whose features a file holds, from the head of the file."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(min(length, limits.JSON_BYTES)))
        name = json.loads(head["__metadata__"]["facts"])["data"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return UNNAMED
    return name if isinstance(name, str) else UNNAMED
