"""The free memory of the machine."""

from __future__ import annotations

import os
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def free_memory() -> int | None:
    """Bytes that programs can still allocate, within the limit of a container; None where unknown.

    On Linux it is `MemAvailable` of `/proc/meminfo`, which includes caches that can be dropped; elsewhere the
    installed memory, where the system reports it.
    """
    available = _available()
    room = _room_of_container()
    known = [size for size in (available, room) if size is not None]
    return min(known) if known else None


def _available() -> int | None:
    try:
        for line in MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return None
    except (OSError, ValueError, IndexError):
        return _installed()


def _installed() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _room_of_container() -> int | None:
    """The bytes left below the limit of the control group (version 2); None where there is no limit."""
    try:
        limit = (GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = int((GROUP / "memory.current").read_text(encoding="ascii"))
        return None if limit == "max" else max(0, int(limit) - used)
    except (OSError, ValueError):
        return None
