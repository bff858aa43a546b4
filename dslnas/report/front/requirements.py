"""The bounds that a front keeps to, as numbers for its picture."""

from __future__ import annotations

from collections.abc import Sequence

from ...base.diagnostics import DslnasError
from ...methods.budget import parse_requirements


def limits_of(require: Sequence[str]) -> dict[str, float]:
    """The bound of each figure that is required; texts that are none are left out."""
    found: dict[str, float] = {}
    for text in require:
        try:
            found |= {one.price: one.limit for one in parse_requirements(text, "require")}
        except DslnasError:
            continue  # a front of another version
    return found
