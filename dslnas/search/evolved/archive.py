"""The archive of an evolution: every candidate that was evaluated, a line of JSON each.

It is the only state of an evolution. What a generation holds follows from the seed and from figures, so that
an evolution which was interrupted is run again from its start, and finds here what it has evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from math import isfinite
from pathlib import Path
from typing import Any, Literal, get_args

from ...base.diagnostics import fail
from ...base.figures import is_number
from ...base.files import write_atomically
from ...ir.analysis.genes import Candidate, Decision

By = Literal["evolution", "random"]


@dataclass(frozen=True)
class Entry:
    """A candidate with its figures.

    key: the name of its network. by: what drew it first. generation: of the evolution, or the batch of the
    random search, from 1. asked: the requirements of an evolution that went on from others, as text.
    """

    key: str
    candidate: Candidate
    figures: Mapping[str, float]
    by: By
    generation: int
    asked: tuple[str, ...] = ()

    def line(self) -> bytes:
        """The entry as a line of the file."""
        decided = {id: one if isinstance(one, str) else list(one) for id, one in self.candidate.items()}
        data: dict[str, Any] = {
            "key": self.key,
            "candidate": decided,
            "figures": dict(self.figures),
            "by": self.by,
            "generation": self.generation,
        }
        if self.asked:
            data["asked"] = list(self.asked)
        return (json.dumps(data, allow_nan=False) + "\n").encode()


class Archive:
    """What was evaluated, by key, in order; with a path, each new entry is added to its file at once."""

    def __init__(self, path: Path | None = None, entries: Mapping[str, Entry] | None = None) -> None:
        self.path = path
        self._entries = dict(entries or {})

    @classmethod
    def open(cls, path: Path) -> Archive:
        """The archive of a file, which need not be there; a last line that a kill has cut is removed.

        Raises DslnasError N0701 where another line is broken, or the file cannot be read or written.
        """
        try:
            data = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise fail("N0701", f"{path}: cannot be read: {error.strerror or error}") from None
        whole = data[: data.rfind(b"\n") + 1]
        found = cls(path, _entries(whole, path))
        if whole != data:
            write_atomically(path, whole)
        return found

    @classmethod
    def read(cls, path: Path) -> Archive:
        """The entries of a file, which is left as it is, now and later; otherwise as `open`."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise fail("N0701", f"{path}: cannot be read: {error.strerror or error}") from None
        return cls(None, _entries(data[: data.rfind(b"\n") + 1], path))

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __getitem__(self, key: str) -> Entry:
        return self._entries[key]

    def __iter__(self) -> Iterator[Entry]:
        """The entries in the order in which they were evaluated."""
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def before(self, asked: tuple[str, ...]) -> Archive:
        """What was evaluated before an evolution went on with these requirements, as text, or all of it.

        Such an evolution begins with it, also when it is run again after a kill. Nothing is written for it.
        """
        earlier = takewhile(lambda item: item[1].asked != asked, self._entries.items())
        return Archive(None, dict(earlier))

    def add(self, entry: Entry) -> None:
        """Add a candidate that was evaluated. Raises DslnasError N0701 where the file cannot be written."""
        assert entry.key not in self._entries, "no candidate is evaluated twice"
        assert all(map(isfinite, entry.figures.values())), f"figures are finite: {entry.figures}"
        if self.path is not None:
            try:
                with self.path.open("ab") as file:
                    file.write(entry.line())
            except OSError as error:
                raise fail("N0701", f"{self.path}: cannot be written: {error.strerror or error}") from None
        self._entries[entry.key] = entry


def _entries(data: bytes, path: Path) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            entry = _entry(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            help = "remove the line: its candidate is evaluated again where it is needed"
            raise fail("N0701", f"{path}:{number}: this is no evaluation", help=help) from None
        found.setdefault(entry.key, entry)
    return found


def _entry(data: Any) -> Entry:
    candidate: dict[str, Decision] = {
        str(id): one if isinstance(one, str) else tuple(str(source) for source in one)
        for id, one in data["candidate"].items()
    }
    figures = {str(name): _number(value) for name, value in data["figures"].items()}
    by, generation = data["by"], data["generation"]
    if by not in get_args(By) or type(generation) is not int or not isinstance(data["key"], str):
        raise TypeError("another form is expected")
    return Entry(
        data["key"], candidate, figures, by, generation, tuple(str(one) for one in data.get("asked", ()))
    )


def _number(value: Any) -> float:
    """A finite number as it stands, whole or not, so that it is written again as it was."""
    if not is_number(value) or not isfinite(value):
        raise TypeError("a finite number is expected")
    return value
