"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .diagnostics import fail


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
