"""How large a data set may be to be held in memory; a larger one is read from disk as it is needed."""

from __future__ import annotations

import os
import re

from ...base.diagnostics import fail

MEMORY = "DSLNAS_MEMORY"  # the variable of the environment that says it
SHARE = 4  # by default a quarter of the memory of the machine
UNKNOWN = 4 << 30  # bytes of it, where the system does not tell
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", re.IGNORECASE)
_UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}


def memory_limit() -> int:
    """The bytes of waves or pictures, and features, of a data set that are held in memory: `$DSLNAS_MEMORY`.

    By default a quarter of the memory of the machine. Raises DslnasError N0603 where the variable is no size.
    """
    stated = os.environ.get(MEMORY)
    if not stated:
        return _installed() // SHARE
    match = _SIZE.fullmatch(stated)
    if match is None:
        help = "write a number of bytes: 2000000000, 500M, 4G; 0 holds nothing in memory"
        raise fail("N0603", f"${MEMORY} is `{stated}`, which is no size", help=help)
    return int(float(match[1]) * 2 ** _UNITS[match[2].upper()])


def _installed() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN
