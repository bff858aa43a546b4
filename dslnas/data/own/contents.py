"""A hash of the bytes of each file, taken once and kept in the cache until the file changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ...base.cache import cache_folder
from ...base.diagnostics import DslnasError
from ...base.files import write_atomically
from ..dataset import DataSet, OnProgress, silent

FOLDER = "contents"
THREADS = 2  # reading is bound by the disk
_BATCH = 256


def content_of(path: str | Path) -> str:
    """The BLAKE2b hash of the bytes of a file, 32 digits; empty where it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError:
        return ""


def contents(
    paths: Sequence[str], base: Path, cache: Path | None = None, on_progress: OnProgress = silent
) -> list[str]:
    """The hash of each file, in order; a file is read again where its size or time of change is another.

    base: the folder or table of the data set, under which the hashes are kept in the cache folder.
    """
    place = cache_folder(cache) / FOLDER / f"{hashlib.sha256(_bytes(str(base))).hexdigest()[:32]}.txt"
    known, stamps = _known(place), [_stamp(path) for path in paths]
    found = {stamp: known[stamp] for stamp in stamps if stamp in known}
    new = [(stamp, path) for stamp, path in zip(stamps, paths, strict=True) if stamp and stamp not in found]
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            hashes = pool.map(content_of, (path for _, path in batch))
            found.update(zip((stamp for stamp, _ in batch), hashes, strict=True))
            on_progress("comparing recordings", start + len(batch), len(new))
    if new or len(found) != len(known):
        with suppress(OSError, DslnasError):  # which costs time only
            place.parent.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"{stamp}\t{content}\n" for stamp, content in found.items())
            write_atomically(place, lines.encode())
    return [found.get(stamp, "") for stamp in stamps]


def with_contents(data: DataSet, on_progress: OnProgress = silent) -> DataSet:
    """A data set of recordings whose clips all say what their files contain."""
    paths = list(dict.fromkeys(clip.path for clip in data.clips if not clip.content))
    if not paths:
        return data
    hashes = dict(zip(paths, contents(paths, Path(data.name), None, on_progress), strict=True))
    return replace(
        data, clips=tuple(replace(clip, content=clip.content or hashes[clip.path]) for clip in data.clips)
    )


def _stamp(path: str) -> str:
    """What tells whether a file has changed: a hash of its path, its size and its time of change."""
    try:
        facts = Path(path).stat()
    except OSError:
        return ""
    return f"{hashlib.sha256(_bytes(path)).hexdigest()[:16]} {facts.st_size} {facts.st_mtime_ns}"


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def _known(place: Path) -> dict[str, str]:
    """The hashes in the cache by stamp; empty where there are none or the file is damaged."""
    try:
        lines = place.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.split("\t") for line in lines)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and len(pair[1]) in (0, 32)}
