"""A data set as a list of clips that are not decoded yet, and the user's options for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from ..base.diagnostics import fail
from .catalog import Known

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
LEAST_FOLDS = 3  # of a set: one tests, one validates, one trains
SPLIT_KINDS = ("official", "speaker", "pieces")
Segment = tuple[float, float]  # seconds from the start: where a clip begins and ends
SPEAKERS_ARE_OUT = "the official split already holds speakers out: `data.split=speaker` changes nothing"
# Arguments: the task at work, how much of it is done, how much there is.
OnProgress = Callable[[str, int, int], None]


def silent(text: str, done: int, total: int) -> None:
    """A progress callback that shows nothing."""


@dataclass(frozen=True)
class Clip:
    """One recording: its file, the index of its class, its split, and its speaker or source recording.

    channel: the one of its channels that is heard, from 1; None: all of them, mixed down. name: its file from
    the folder of its data set; empty where choices go by the path, as they did in older runs. content: a
    hash of the bytes of the file; empty where none was taken. twin: the first file with the same bytes.
    segment: where in it the clip begins and ends, in seconds; None: all of it. whole: the key of the clip
    that it is a window of; empty where it is none.
    """

    path: str
    label: int
    split: SplitName
    group: str
    channel: int | None = None
    name: str = ""
    content: str = ""
    twin: str = ""
    segment: Segment | None = None
    whole: str = ""

    @property
    def file_key(self) -> str:
        """What tells the file from others: the same wherever the data set lies, and for copies of it."""
        return self.twin or self.name or self.path

    @property
    def key(self) -> str:
        """What choices among clips hash: the file, and the segment of it."""
        return self.file_key if self.segment is None else "{}@{:g}-{:g}".format(self.file_key, *self.segment)


@dataclass(frozen=True)
class DataSet:
    """The clips of a data set.

    noises: recordings of background noise; notes: what the user should know about how it was read;
    skipped: (path, reason) of files that cannot be clips; skip_limit: the share of files that may be so.
    what: its files in the plural.
    """

    name: str
    classes: tuple[str, ...]
    clips: tuple[Clip, ...]
    noises: tuple[Path, ...] = ()
    licence: str = ""
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    skip_limit: float = 0.1
    what: str = "recordings"

    @classmethod
    def of(
        cls,
        known: Known,
        clips: Iterable[Clip],
        *,
        notes: Iterable[str] = (),
        skipped: Iterable[tuple[str, str]] = (),
        noises: Iterable[Path] = (),
    ) -> Self:
        """The clips of a data set that is known by name."""
        return cls(
            known.name,
            known.classes,
            tuple(clips),
            noises=tuple(noises),
            licence=known.licence,
            notes=tuple(notes),
            skipped=tuple(skipped),
            what=known.holds,
        )

    def count(self, split: SplitName) -> int:
        """The number of clips of a split."""
        return sum(clip.split == split for clip in self.clips)


@dataclass(frozen=True)
class DataOptions:
    """The user's options for a data set.

    split: `official`, `speaker` for held-out speakers, or `pieces` for pieces of any recordings; fold: which
    fold or speakers are the test, from 1; folds: into how many folds the set is divided, in place of its
    split (0: it keeps that); skip_limit: share of files that may be unusable; clips: at most so many clips
    (0: all; of digits 4000); seed: of synthesised digits; window: the seconds of the windows that longer
    recordings of the user's are taken in (0: their loudest stretch is a clip); cache: the cache folder (None:
    the default one); by_path: choices hash absolute paths and nobody looks for copies of a file, as in runs
    that kept no list of their clips.
    """

    split: str = "official"
    fold: int = 1
    folds: int = 0
    skip_limit: float = 0.1
    clips: int = 0
    seed: int = 0
    cache: Path | None = field(default=None)
    by_path: bool = False
    window: float = 0.0

    def __post_init__(self) -> None:
        if self.split not in SPLIT_KINDS:
            help = "it is `official` or `speaker`, or for voxceleb1_min `pieces`"
            raise fail("N0603", f"`data.split` is `{self.split}`", help=help)
        if not 0 <= self.skip_limit <= 1:
            raise fail("N0603", f"`data.skip_limit` is {self.skip_limit}", help="it is a share: 0 .. 1")
        if self.fold < 1 or self.clips < 0:
            raise fail("N0603", "`data.fold` starts at 1 and `data.clips` at 0")
        if self.folds and self.folds < LEAST_FOLDS:
            help = f"at least {LEAST_FOLDS}: one tests, one validates, the others train"
            raise fail("N0603", f"`data.folds` is {self.folds}", help=help)
        if self.folds and self.fold > self.folds:
            help = f"there are {self.folds} folds, from 1"
            raise fail("N0603", f"`data.fold` is {self.fold}", help=help)

    def name_of(self, path: str | Path, folder: Path) -> str:
        """The name of a file in the folder of its data set, for `Clip.name`."""
        return "" if self.by_path else Path(os.path.relpath(path, folder)).as_posix()
