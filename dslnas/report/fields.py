"""Checked access to JSON data. Every function raises DslnasError N0701 for data of another form.

`where` is the file, with a line where it has many; `what` names the part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.diagnostics import fail
from ..base.figures import is_number


def value_at(data: Mapping[str, Any], name: str) -> Any:
    """The value at `a.b` of nested objects; None where there is none."""
    value: Any = data
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


@dataclass(frozen=True)
class Tree:
    """A nested JSON object, read by dotted names."""

    file: str
    data: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """The value at a dotted name; None where there is none."""
        return value_at(self.data, name)

    def number(self, name: str) -> float | None:
        """The number at a dotted name; None where there is none."""
        value = self.get(name)
        return None if value is None else number(value, self.file, name)

    def numbers(self, name: str) -> list[float]:
        """A list of numbers; empty where there is none."""
        value = self.get(name)
        return (
            []
            if value is None
            else [number(one, self.file, name) for one in sequence(value, self.file, name)]
        )

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where there is none."""
        value = self.get(name)
        return [] if value is None else [str(item) for item in sequence(value, self.file, name)]

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """A list of pairs of texts; empty where there is none."""
        items = [] if self.get(name) is None else sequence(self.get(name), self.file, name)
        for item in items:
            length(sequence(item, self.file, name), 2, self.file, name)
        return [(str(first), str(second)) for first, second in items]

    def flat(self) -> list[tuple[str, str]]:
        """Every leaf by its dotted name, in the order of the file."""
        return list(_leaves("", self.data))


def _leaves(prefix: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [
            leaf for key, one in value.items() for leaf in _leaves(f"{prefix}.{key}" if prefix else key, one)
        ]
    if not prefix:
        return []
    return [(prefix, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))]


def mapping(value: Any, where: str, what: str) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise fail("N0701", f"{where}: {what} is no JSON object")
    return value


def sequence(value: Any, where: str, what: str) -> list[Any]:
    """A JSON array."""
    if not isinstance(value, list):
        raise fail("N0701", f"{where}: {what} is no list")
    return value


def number(value: Any, where: str, what: str) -> float:
    """A JSON number; NaN passes, for a loss may be one."""
    if not is_number(value) or abs(value) > 1e300:
        raise fail("N0701", f"{where}: {what} is no number of a usable size")
    return float(value)


def whole(value: Any, where: str, what: str) -> int:
    """A whole number that a float holds exactly."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise fail("N0701", f"{where}: {what} is no whole number")
    return value


def present(data: Mapping[str, Any], key: str, where: str, what: str) -> str:
    """A value that must be there, as text."""
    if key not in data:
        raise fail("N0701", f"{where}: {what} has no `{key}`")
    return str(data[key])


def length(items: Sequence[Any], wanted: int, where: str, what: str) -> None:
    """Check that there are as many items as wanted."""
    if len(items) != wanted:
        raise fail("N0701", f"{where}: {what} holds {len(items)} values instead of {wanted}")
