"""Reading a JSON file of bounded size; writing a file whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from . import limits
from .diagnostics import fail
from .spelling import closest, did_you_mean

_SUFFIXES = (".nas", ".json")  # of files that a command takes


def read_json(path: Path, code: str = "N0701") -> Any:
    """The content of a JSON file; raises DslnasError with `code` that names it where it cannot be read."""
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
    """`did you mean ...?` where a path that is not there is close to one that is; else nothing."""

    return "" if path.exists() else file_like(str(path), Path())


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def write_atomically(path: Path, data: bytes, code: str = "N0701") -> None:
    """Writes under a temporary name beside `path`, then renames: readers see the old file or the new one.

    Raises DslnasError with `code` where the place cannot be written.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the new name over no content
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True) if temporary else None
        reason = error.strerror or str(error)
        raise fail(code, f"{path}: cannot be written: {reason}", help="is its folder there?") from None
    except BaseException:
        Path(temporary).unlink(missing_ok=True) if temporary else None
        raise


def _umask() -> int:
    # Temporary files are private; the finished one has the rights of any file the user makes.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def file_like(name: str, folder: Path, known: Iterable[str] = ()) -> str:
    """`did you mean ...?` where a path from a folder is close to a file that is there, or to a known one."""
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
