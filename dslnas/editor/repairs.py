"""Quick fixes: mistakes that one word or one line mends.

Where a diagnostic proposes `did you mean ...?`, the proposal replaces its span; where it proposes a `use`,
that line is inserted after the others, else at the top.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..base.diagnostics import Diagnostic
from ..base.source import Span
from .workspace import Analysis

_USE = re.compile(r"`(use \"[^\"]+\")` at the top of the file")
_ASKED = re.compile(r"did you mean `([^`]+)`\?")
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_QUOTED = re.compile(r'"[^"\n]*"')
_SUFFIXED = re.compile(r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Repair:
    """A text that replaces a span, and the diagnostic that it mends."""

    span: Span
    text: str
    diagnostic: Diagnostic

    @property
    def title(self) -> str:
        """The title under which an editor offers it."""
        return f"Change to `{self.text}`" if self.span.text else f"Insert `{self.text.strip()}`"


def repairs(analysis: Analysis, first: int, last: int) -> Iterator[Repair]:
    """The repairs of the mistakes on the lines from `first` to `last` of a file."""
    for diagnostic in analysis.diagnostics:
        span, asked, use = diagnostic.span, _ASKED.search(diagnostic.help), _USE.search(diagnostic.help)
        if span is None or span.source != analysis.source or not first <= span.line <= last:
            continue
        if use is not None:
            yield Repair(analysis.use_place, f"{use[1]}\n", diagnostic)
        elif asked is not None and (found := _repair(span, asked[1])) is not None:
            yield Repair(*found, diagnostic)


def _repair(span: Span, meant: str) -> tuple[Span, str] | None:
    """The part of a span to replace, and its replacement; None where the span is no single word."""
    text = span.text
    if _QUOTED.fullmatch(text):
        return span, f'"{meant}"'
    if (number := _SUFFIXED.fullmatch(text)) is not None:
        return replace(span, column=span.column + len(number[1])), meant
    if not _WORD.fullmatch(text):
        return None
    if "." in meant or "." not in text:
        return span, meant
    part = get_close_matches(meant, text.split("."), n=1, cutoff=0)[0]  # of `candidatess.soft` the first
    start = span.column + text.index(part)
    return replace(span, column=start, end_column=start + len(part)), meant
