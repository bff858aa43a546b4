"""The bounds that a front keeps to, as numbers for its picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "ms": 1e-3, "s": 1.0, "KB": 1024.0, "MB": 1024.0**2}


def limits_of(require: Sequence[str]) -> dict[str, float]:
    """The bound of each figure that is required; texts that are no bounds are left out."""
    found = {}
    for text in require:
        if match := re.fullmatch(r"(\w+) < ([\d.]+)\s*([a-zA-Z]*)", text):
            found[match[1]] = float(match[2]) * _UNITS[match[3]]
    return found
