"""Spoken digits synthesised offline by eSpeak NG: about 90 speakers in 8 accents, none of them in two splits.

Every clip has its own rate, pitch, room, level and noise, so that the task is not trivial. It is still easier
than real speech, and unlike it: what is trained here carries over badly to recordings of people.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.util import find_spec
from pathlib import Path

from ...base.cache import cache_folder
from ...base.diagnostics import DslnasError, fail
from ..cache.made_once import cached
from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, OnProgress
from ..own.layout import SPLIT_NAMES
from ..own.tables import read_table
from .digits_shard import SHARDS

VERSION = 1  # of the synthesis: raise it when other samples come out
DEFAULT_CLIPS = 4000
SMALLEST = 100  # with fewer clips a split would lack a digit
_TABLE = "clips.csv"


def read_digits(known: Known, options: DataOptions, on_progress: OnProgress) -> DataSet:
    """The digits of `options.seed`, from the cache or synthesised into it; the same samples every time.

    DslnasError N0604 where espeakng-loader is missing or fails, N0603 where too few clips are asked for.
    """
    clips = options.clips or DEFAULT_CLIPS
    if clips < SMALLEST or options.seed < 0:
        raise fail(
            "N0603",
            f"{clips} clips of digits with seed {options.seed}",
            help=f"ask for at least {SMALLEST} clips (`data.clips`) and a seed that is not negative",
        )
    folder = folder_of(options)

    def make() -> list[Clip]:
        _synthesise(options.seed, clips, folder, on_progress)
        return _found(known, folder, clips) or []

    found = cached(folder, lambda: _found(known, folder, clips), make)
    note = "synthetic speech by eSpeak NG: easier than recordings of people, and not a substitute for them"
    return DataSet.of(known, found, notes=[note])


def folder_of(options: DataOptions) -> Path:
    """The folder in the cache that the digits of some options are synthesised into."""
    clips = options.clips or DEFAULT_CLIPS
    return cache_folder(options.cache) / "digits" / f"v{VERSION}-seed{options.seed}-{clips}"


def _found(known: Known, folder: Path, clips: int) -> list[Clip] | None:
    """The clips in a cached folder; None where it is missing or not as it was written."""
    try:
        rows = read_table(folder / _TABLE).rows
        found = [
            Clip(
                str(row.path),
                known.classes.index(row.label),
                SPLIT_NAMES[row.split],
                row.group,
                name=row.file,
            )
            for row in rows
        ]
    except (DslnasError, KeyError, ValueError):
        return None
    return found if len(found) == clips and all(Path(clip.path).is_file() for clip in found) else None


def _synthesise(seed: int, clips: int, folder: Path, on_progress: OnProgress) -> None:
    """Run all shards, several at a time, and move the finished folder to its place in one step."""
    if find_spec("espeakng_loader") is None:
        raise fail(
            "N0604",
            "the data set `digits` is synthesised with espeakng-loader, which is not installed",
            help="pip install 'dslnas[digits]', or name another data set with --data",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".digits-", dir=folder.parent) as name:
            made = Path(name) / "made"
            made.mkdir()
            run_shards(seed, clips, made, os.cpu_count() or 1, on_progress)
            if folder.exists():
                folder.rename(Path(name) / "old")
            made.rename(folder)
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:
            return
        raise fail(
            "N0604",
            f"the digits cannot be written to {folder}: {error.strerror or error}",
            help="name a folder that can be written with $DSLNAS_CACHE",
        ) from None


def run_shards(seed: int, clips: int, folder: Path, workers: int, on_progress: OnProgress) -> None:
    """Synthesise all shards into `folder`, `workers` at a time, and write their table.

    The number of workers changes the time only: the shards are fixed, and each has a process of its own.
    """
    with ThreadPoolExecutor(max(1, min(workers, SHARDS))) as pool:
        futures = [pool.submit(_run_shard, seed, clips, shard, folder) for shard in range(SHARDS)]
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            on_progress("synthesising digits", clips * done // SHARDS, clips)
    lines: list[str] = []
    for shard in range(SHARDS):
        part = folder / f"{shard}.csv"
        lines += part.read_text(encoding="utf-8").splitlines()
        part.unlink()
    text = "\n".join(["file,label,split,speaker", *sorted(lines), ""])
    (folder / _TABLE).write_text(text, encoding="utf-8")


def _run_shard(seed: int, clips: int, shard: int, folder: Path) -> None:
    script = Path(__file__).with_name("digits_shard.py")
    numbers = [str(number) for number in (seed, clips, shard)]
    result = subprocess.run(
        [sys.executable, "-P", str(script), *numbers, str(folder)], capture_output=True, text=True
    )
    if result.returncode:
        last = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
        raise fail(
            "N0604",
            f"the digits cannot be synthesised: {last}",
            help="name another data set with --data, such as folder:PATH with your own recordings",
        )
