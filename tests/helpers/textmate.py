"""TextMate grammars that are made of `match` rules alone, as VS Code reads them.

At each place the rules are tried in their order; the one that matches first in the line counts, of several at
one place the first. Captures name parts of a match; what no rule matches has no scope.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One pattern, the scope of the whole match, and those of its groups."""

    pattern: re.Pattern[str]
    name: str
    captures: dict[int, str]


class Grammar:
    """The rules of a grammar, in the order in which they are tried."""

    def __init__(self, path: Path) -> None:
        self.data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.rules = list(self._rules(self.data["patterns"]))

    def _rules(self, patterns: list[dict[str, Any]]) -> Iterator[Rule]:
        for one in patterns:
            if "include" in one:
                yield from self._rules([self.data["repository"][one["include"].removeprefix("#")]])
            elif "patterns" in one:
                yield from self._rules(one["patterns"])
            else:
                assert set(one) <= {"match", "name", "captures"}, one
                captures = {int(number): part["name"] for number, part in one.get("captures", {}).items()}
                yield Rule(re.compile(one["match"]), one.get("name", ""), captures)

    def scopes(self, text: str) -> list[list[str]]:
        """For each line the scope of each of its characters; empty where no rule says one."""
        return [self._line(line) for line in text.split("\n")]

    def _line(self, line: str) -> list[str]:
        scopes = [""] * len(line)
        place = 0
        while place < len(line):
            matches = [(rule.pattern.search(line, place), rule) for rule in self.rules]
            found = [(match, rule) for match, rule in matches if match is not None and match[0]]
            if not found:
                break
            match, rule = min(found, key=lambda one: one[0].start())
            scopes[match.start() : match.end()] = [rule.name] * len(match[0])
            for group, name in rule.captures.items():
                if match[group] is not None:
                    scopes[match.start(group) : match.end(group)] = [name] * len(match[group])
            place = match.end()
        return scopes
