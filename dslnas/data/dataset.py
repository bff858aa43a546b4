"""A data set as a list of clips, before any of them is decoded; `open_data` finds and reads one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..diagnostics import fail
from .catalog import KNOWN, Known, Spec, parse_spec
from .locations import locate, not_found

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
SPEAKERS_ARE_OUT = "the official split already holds speakers out: `data.split=speaker` changes nothing"
# What is going on, how much of it is done, how much there is.
OnProgress = Callable[[str, int, int], None]


def silent(text: str, done: int, total: int) -> None:
    """The progress callback of those who do not want to know."""


@dataclass(frozen=True)
class Clip:
    """One recording: its file, the index of its class, its split, and its speaker or source recording."""

    path: str
    label: int
    split: SplitName
    group: str


@dataclass(frozen=True)
class DataSet:
    """The clips of a data set.

    noises: recordings of background noise; notes: what the user should know about how it was read;
    skipped: (path, reason) of files that cannot be clips; skip_limit: the share of files that may be so.
    """

    name: str
    classes: tuple[str, ...]
    clips: tuple[Clip, ...]
    noises: tuple[Path, ...] = ()
    licence: str = ""
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    skip_limit: float = 0.1

    def count(self, split: SplitName) -> int:
        """How many clips a split has."""
        return sum(clip.split == split for clip in self.clips)


@dataclass(frozen=True)
class DataOptions:
    """What a user can say about the data.

    split: `official`, or `speaker` for held-out speakers; fold: which fold or speakers are the test, from 1;
    skip_limit: share of files that may be unusable; clips: at most so many clips (0: all; of digits 4000);
    seed: of synthesised digits; cache: the cache folder (None: the default one).
    """

    split: str = "official"
    fold: int = 1
    skip_limit: float = 0.1
    clips: int = 0
    seed: int = 0
    cache: Path | None = field(default=None)

    def __post_init__(self) -> None:
        if self.split not in ("official", "speaker"):
            raise fail(
                "N0603", f"`data.split` is `{self.split}`", help="it is either `official` or `speaker`"
            )
        if not 0 <= self.skip_limit <= 1:
            raise fail("N0603", f"`data.skip_limit` is {self.skip_limit}", help="it is a share: 0 .. 1")
        if self.fold < 1 or self.clips < 0:
            raise fail("N0603", "`data.fold` starts at 1 and `data.clips` at 0")


def open_data(
    spec: str,
    root: Path | None = None,
    options: DataOptions | None = None,
    on_progress: OnProgress = silent,
) -> DataSet:
    """Find, download or synthesise a data set and list its clips, without decoding them.

    spec: `digits`, `fsdd`, ..., `folder:PATH`, `csv:PATH`; root: `--data-root`.
    DslnasError N0604 where it is not found, N0603 for an option it cannot follow, N0605 where no class or no
    split can be made of it.
    """
    from .splits import check, thin

    parsed = parse_spec(spec)
    options = options or DataOptions()
    data = _read(parsed, root, options, on_progress)
    data = replace(data, skip_limit=options.skip_limit)
    if options.clips and parsed.name != "digits":
        data = thin(data, options.clips)
    return check(data)


def _read(spec: Spec, root: Path | None, options: DataOptions, on_progress: OnProgress) -> DataSet:
    if spec.path is not None:
        from .recordings import read_csv, read_folder

        return (read_folder if spec.kind == "folder" else read_csv)(spec.path, options)
    known = KNOWN[spec.name]
    if spec.name == "digits":
        from .digits import read_digits

        return read_digits(known, options, on_progress)
    folder = _folder(known, root, options, on_progress)
    match spec.name:
        case "fsdd":
            from .fsdd import read_fsdd as read
        case "sc09" | "sc35":
            from .speech_commands import read_speech_commands as read
        case "audiomnist":
            from .audiomnist import read_audiomnist as read
        case _:
            from .esc import read_esc as read
    return read(known, folder, options)


def _folder(known: Known, root: Path | None, options: DataOptions, on_progress: OnProgress) -> Path:
    """The folder of a known data set, downloaded into the cache where that is allowed and needed.

    A root that the user names and that lacks the data is a mistake to report, not a reason to download.
    """
    if found := locate(known, root, options.cache):
        return found
    reason = ""
    if known.download is not None and root is None:
        from .download import DownloadError, fetch

        try:
            return fetch(known.download, options.cache, on_progress)
        except DownloadError as error:
            reason = f"the download failed: {error}"
    raise not_found(known, root, options.cache, reason)
