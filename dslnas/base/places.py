"""Texts without the folders of the machine that they were written on, for files that are passed on."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path, PureWindowsPath

from .cache import cache_folder
from .diagnostics import DslnasError
from .files import write_atomically

PLACES = "places"  # a folder of the cache

# A path from the root with a folder in it, at the start of a word or of a value: `/home/me/a.wav`.
_UNIX = re.compile(r"""(?<![\w./~\\)\]-])/(?:[^\s/'"`<>|:;,]+/)+[^\s/'"`<>|:;,]*""")
_WINDOWS = re.compile(r"""(?<!\w)[A-Za-z]:\\(?:[^\s\\'"`<>|:;,]+\\)*[^\s\\'"`<>|:;,]*""")


def without_places(text: str, folders: Iterable[Path | str] = ()) -> str:
    """The text with paths from the root cut: below one of `folders` to what follows it, others to their name.

    folders: such as the root of the data; the home folder is one of them always.
    """
    known = {str(folder).rstrip("/\\") for folder in (*folders, Path.home())}
    for folder in sorted(known, key=len, reverse=True):
        if Path(folder).is_absolute() and len(Path(folder).parts) > 1:
            text = re.sub(rf"(?<![\w.-]){re.escape(folder)}(?:[/\\]|(?![\w.-]))", _of(folder), text)
    text = _UNIX.sub(lambda match: Path(match[0]).name, text)
    return _WINDOWS.sub(lambda match: PureWindowsPath(match[0]).name, text)


def from_folder(path: Path, folder: Path) -> str:
    """A path as it is from a folder; in full where there is no way from there (on another drive)."""
    try:
        return Path(os.path.relpath(path.absolute(), folder.resolve())).as_posix()
    except ValueError:
        return str(path.absolute())


def remember(path: Path) -> str:
    """Keep a path in the cache folder, under a name that does not tell it; the name, for `found_from`."""
    text = os.fsencode(path.absolute())
    name = hashlib.sha256(text).hexdigest()[:32]
    place = cache_folder() / PLACES / name
    with suppress(OSError, DslnasError):  # then the way from the folder has to do
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, text)
    return name


def found_from(path: str | Path, folder: Path, name: str = "") -> Path:
    """The path that `from_folder` made another of; what `remember` has kept where nothing is there."""
    near = Path(os.path.normpath(folder.resolve() / path))
    if not name or Path(path).is_absolute() or near.exists():
        return near
    try:
        kept = Path(os.fsdecode((cache_folder() / PLACES / Path(name).name).read_bytes()))
        return kept if kept.exists() else near
    except (OSError, ValueError):
        return near


def _of(folder: str) -> Callable[[re.Match[str]], str]:
    """Nothing for a folder with more behind it; its own name where it stands alone."""
    name = Path(folder).name
    return lambda match: "" if match[0] != folder else name
