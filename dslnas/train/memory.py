"""How the C library deals with memory that a process has freed."""

from __future__ import annotations

import ctypes
from functools import cache

TRIM, PAD, MAP = -1, -2, -3  # parameters of glibc's `mallopt`
MAPPED = 2**30  # bytes from which on a block is mapped by itself
HELD = 2**31 - 1  # bytes that are kept once they are freed
AHEAD = 2**26  # bytes that are asked for at once


@cache
def keep_freed_memory() -> bool:
    """Let glibc keep freed memory for what is allocated next; returns whether it does.

    By default it hands large blocks back at once, and the system clears each page of the next one: of the
    evaluation of small networks on a CPU that is more than a third of the time. From then on the process
    holds what it had at its peak. Other C libraries are left as they are.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return all([mallopt(MAP, MAPPED), mallopt(TRIM, HELD), mallopt(PAD, AHEAD)])
