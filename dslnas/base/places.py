"""Texts without the folders of the machine that they were written on, for files that are passed on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path, PureWindowsPath

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


def _of(folder: str) -> Callable[[re.Match[str]], str]:
    """Nothing for a folder with more behind it; its own name where it stands alone."""
    name = Path(folder).name
    return lambda match: "" if match[0] != folder else name
