"""Functions of the compiler that are dear and pure, remembered over the plans of one experiment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, called once for the very same objects and numbers."""
    found: dict[tuple[object, ...], tuple[object, object]] = {}

    def once(*arguments: object, **named: object) -> Any:
        key = (*map(id, arguments), *named.items())
        if key not in found:  # the arguments are kept as well, so that no other object takes their identity
            found[key] = (arguments, function(*arguments, **named))
        return found[key][1]

    return once


def remember_memory(patch: pytest.MonkeyPatch) -> None:
    """The memory of a search is simulated once for all plans of an experiment."""
    from dslnas.runs.plan import figures

    patch.setattr(figures, "memory", remembered(figures.memory))
