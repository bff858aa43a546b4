"""Reading and writing of files: JSON, and atomic writes (whole or not at all)."""

from __future__ import annotations

import glob
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from . import limits
from .diagnostics import fail
from .spelling import closest, did_you_mean

_PART = ".part"  # of files that are being written
_SUFFIXES = (".nas", ".json")  # of files that a command takes


def read_json(path: Path, code: str = "N0701") -> Any:
    """The content of a JSON file; raises DslnasError with `code` and the path where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(limits.JSON_BYTES + 1)
        if len(data) > limits.JSON_BYTES:
            raise fail(code, f"{path}: this is longer than {limits.JSON_BYTES:,} bytes")
        return json.loads(data.decode("utf-8"))
    except OSError as error:
        reason = error.strerror or error
        raise fail(code, f"{path}: cannot be read: {reason}", help=instead_of(path)) from None
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, a number of too many digits
        raise fail(code, f"{path}: this is no JSON: {_reason(error)}") from None


def instead_of(path: Path) -> str:
    """`did you mean ...?` where a missing path is close to an existing one; else empty."""
    return "" if path.exists() else file_like(str(path), Path())


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def occupied(path: Path) -> bool:
    """Whether a path cannot become a new folder: there is a file, or a folder that holds something."""
    return path.exists() and (not path.is_dir() or any(path.iterdir()))


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The path of a temporary file beside `path`, to be written; at the end it replaces `path`.

    Readers see the old file or the new one. After an exception the old one stays alone.
    Raises OSError where the place cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=_PART, dir=path.parent)
    temporary, locked = Path(name), _locked(handle)
    if not locked:
        os.close(handle)  # Windows, which knows no such lock, replaces no open file
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        if locked:
            os.close(handle)


def clear_abandoned(path: Path) -> None:
    """Remove what killed processes have left of a file that they were `replacing`.

    A file that is being written is locked by who writes it, and stays; without such locks all stay.
    """
    for left in path.parent.glob(f"{glob.escape(_prefix(path))}{'[a-z0-9_]' * 8}{_PART}"):
        with suppress(OSError), left.open("rb") as file:
            if _locked(file.fileno()):
                left.unlink()


def _prefix(path: Path) -> str:
    return f".{path.name[:40]}."


def _locked(handle: int) -> bool:
    """Lock an open file, until it is closed; whether that could be done."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):  # Windows; another process has it, or a file system without locks
        return False
    return True


def write_atomically(path: Path, data: bytes, code: str = "N0701") -> None:
    """Write a file whole or not at all; raises DslnasError with `code` where its place cannot be written."""
    try:
        with replacing(path) as temporary, temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the new name over no content
    except OSError as error:
        reason = error.strerror or str(error)
        raise fail(code, f"{path}: cannot be written: {reason}", help="is its folder there?") from None


def write_json(path: Path, data: Any) -> None:
    """Write data as indented JSON, whole or not at all; raises DslnasError N0701 where it cannot."""
    write_atomically(path, utf8(json.dumps(data, indent=2, ensure_ascii=False) + "\n"))


def utf8(text: str) -> bytes:
    """Text as UTF-8; what else a file name holds is escaped, which JSON reads back as it was."""
    return text.encode("utf-8", "backslashreplace")


def _umask() -> int:
    # Temporary files are private; the finished one has the rights of any file the user makes.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def file_like(name: str, folder: Path, known: Iterable[str] = ()) -> str:
    """`did you mean ...?` where a path from a folder is close to an existing file, or to a known name."""
    place, last = Path(name).parent, Path(name).name
    try:
        found = list(islice((folder / place).iterdir(), limits.NAMES_COMPARED))
    except (OSError, ValueError):  # no such folder, or a name that no file system allows
        found = []
    beside = sorted(p.name for p in found if p.name != last and (p.suffix in _SUFFIXES or p.is_dir()))
    close = f"{last}.nas" if f"{last}.nas" in beside else closest(last, beside)
    if close:
        return f"did you mean `{place / close}`?"
    return did_you_mean(name, known) or did_you_mean(Path(name).stem, known)
