"""Figures: what counts as a number, and how people read one."""

from __future__ import annotations

from typing import TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value of any kind is a number; `true` and `false` are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def percent(share: float) -> str:
    """A share as `97.25 %`."""
    return f"{100 * share:.2f} %"


def millions(count: float) -> str:
    """A count as `1.609 M`, or in full below a hundred thousand."""
    return f"{count / 1e6:.3f} M" if count >= 1e5 else f"{count:,.0f}"
