"""The folder of the cache: downloads, synthesised digits and computed features."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(given: Path | None = None) -> Path:
    """The folder in which downloads, synthesised digits and features are kept.

    `given`, else $DSLNAS_CACHE, else dslnas under $XDG_CACHE_HOME, else ~/.cache/dslnas.
    """
    if given is not None:
        return given.absolute()
    if own := os.environ.get("DSLNAS_CACHE"):
        return Path(own).expanduser().absolute()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared).expanduser().absolute() if shared else Path.home() / ".cache") / "dslnas"
