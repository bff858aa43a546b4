"""Locates data sets: in the data root or the cache folder, and the message where they are in neither."""

from __future__ import annotations

import os
from pathlib import Path

from ..base.cache import cache_folder
from ..base.diagnostics import DslnasError, fail
from .catalog import Known


def named_root(root: Path | None) -> Path | None:
    """The folder that the user names: `--data-root`, or else $DSLNAS_DATA."""
    stated = os.environ.get("DSLNAS_DATA")
    return root or (Path(stated) if stated else None)


def data_roots(root: Path | None, cache: Path | None = None) -> tuple[Path, ...]:
    """Where data sets are looked for, in order: `--data-root` or else $DSLNAS_DATA, then the cache folder."""
    named = named_root(root)
    return (*((named.expanduser().absolute(),) if named else ()), cache_folder(cache))


def places(known: Known, root: Path | None, cache: Path | None = None) -> list[Path]:
    """Every folder that may hold a known data set, in order; a root may itself be that folder."""
    return [base / name for base in data_roots(root, cache) for name in (*known.folders, "")]


def locate(known: Known, root: Path | None, cache: Path | None = None) -> Path | None:
    """The folder of a known data set, or None where it is in none of its places."""
    for place in places(known, root, cache):
        if any((place / mark).exists() for mark in known.marks):
            return place
    return None


def not_found(known: Known, root: Path | None, cache: Path | None = None, reason: str = "") -> DslnasError:
    """The error N0604 for a data set that is neither there nor to be downloaded.

    reason: why the download failed, where one was tried.
    """
    roots = data_roots(root, cache)
    where = ", ".join(str(base / name) for base in roots for name in known.folders)
    why = f"; {reason}" if reason else ""
    return fail(
        "N0604",
        f"the data set `{known.name}` ({known.title}) was not found: looked for {where}{why}",
        help=f"go to {roots[0]} and {known.how}, or name the folder that holds it with --data-root or "
        "$DSLNAS_DATA; `--data digits` needs no data at all",
    )
