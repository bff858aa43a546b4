"""Source texts and spans in them: every phase keeps the span of the text that its data came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Source:
    """One text with the name under which messages show it (a path, or `--set search.epochs`)."""

    name: str
    text: str = field(repr=False)

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1, without its end; empty beyond the end."""
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""

    @cached_property
    def lines(self) -> list[str]:
        """The text by lines. Only `\n` ends one, as in the lexer; `str.splitlines` splits at ten others."""
        return self.text.split("\n")


def is_given(source: Source) -> bool:
    """Whether a text stands on the command line, and in no file."""
    return source.name.startswith("--set ")


@dataclass(frozen=True)
class Span:
    """A stretch of a source: from `start` up to, not including, `end`; lines and columns count from 1."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def location(self) -> str:
        """`file:line:column`, the form that editors make clickable."""
        return f"{self.source.name}:{self.line}:{self.column}"

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`, in the same source."""
        return Span(self.source, self.line, self.column, other.end_line, other.end_column)

    @property
    def text(self) -> str:
        """The spanned text; of a span over several lines, all of them."""
        lines = self.source.lines[self.line - 1 : self.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: self.end_column - 1]
        lines[0] = lines[0][self.column - 1 :]
        return "\n".join(lines)


def start_of(source: Source) -> Span:
    """The empty span at the very start, for what concerns the whole file."""
    return Span(source, 1, 1, 1, 1)
