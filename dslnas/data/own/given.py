"""The files that a user names: as they are, all of a folder, or all that a pattern matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path

from .endings import RECORDINGS, Sort, kind_of, told, walked


@dataclass
class Given:
    """What names come to. files: to be read, in order; unused: (path, reason) of what cannot be.

    left_out: in words, how many files of a folder are of another kind.
    """

    files: list[Path] = field(default_factory=list)
    unused: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def given(names: Iterable[str | Path], sort: Sort = RECORDINGS) -> Given:
    """The files of names, in the order of the names; those of a folder and of a pattern by path.

    A folder gives the files below it that by their ending are of a sort; a file that is named is taken
    whatever its ending. A pattern is what a shell would expand (`*`, `?`, `[`, and `**` for all folders
    below) where there is no such file. What does not exist is kept among the files: reading it says why.
    """
    found = Given()
    for name in names:
        for path in _expanded(str(name), found):
            if path.is_dir():
                _walk(path, sort, found)
            else:
                found.files.append(path)
    return found


def _expanded(name: str, found: Given) -> Iterator[Path]:
    """The paths of a name: itself, or what it matches."""
    if not has_magic(name) or Path(name).exists():
        yield Path(name)
        return
    paths = [Path(one) for one in sorted(glob(name, recursive=True))]  # noqa: PTH207 - which finds hidden files too
    if "**" in name:  # it reaches the files of the folders that it matches too
        paths = [path for path in paths if not path.is_dir()]
    if not paths:
        found.unused.append((name, "no file matches this pattern"))
    yield from paths


def _walk(folder: Path, sort: Sort, found: Given) -> None:
    """Add the files of a sort below a folder, and tell of the others."""
    refused: list[OSError] = []
    below = sorted(walked(folder, refused.append))
    kinds = [kind_of(path, sort) for path in below]
    wanted = [path for path, kind in zip(below, kinds, strict=True) if kind == sort.kind]
    unread = [path for path, kind in zip(below, kinds, strict=True) if kind == "other"]
    others = [path for path, kind in zip(below, kinds, strict=True) if not kind]
    found.files += wanted
    found.unused += [(str(path), f"{path.suffix.lower()} {sort.convert}") for path in unread]
    found.unused += [(str(one.filename), f"it cannot be read: {one.strerror or one}") for one in refused]
    if not (wanted or unread or refused):
        holds = f", only {told(others)}" if others else ""
        found.unused.append((str(folder), f"there are no {sort.what} in this folder{holds}"))
    elif others:
        found.left_out.append(
            f"{len(others)} of {len(below)} files in {folder} are no {sort.what}: {told(others)}"
        )
