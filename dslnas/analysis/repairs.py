"""Mistakes that one word mends: where a diagnostic asks `did you mean ...?`, what to write in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ..diagnostics import Diagnostic
from ..source import Span
from .workspace import Analysis

_ASKED = re.compile(r"did you mean `([^`]+)`\?")
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_QUOTED = re.compile(r'"[^"\n]*"')
_SUFFIXED = re.compile(r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z_]\w*)")


@dataclass(frozen=True)
class Repair:
    """A text for a span, and the diagnostic that it answers."""

    span: Span
    text: str
    diagnostic: Diagnostic


def repairs(analysis: Analysis, first: int, last: int) -> Iterator[Repair]:
    """The repairs of the mistakes on the lines from `first` to `last` of a file."""
    for diagnostic in analysis.diagnostics:
        span, asked = diagnostic.span, _ASKED.search(diagnostic.help)
        if span is None or asked is None or span.source != analysis.source:
            continue
        if first <= span.line <= last and (found := _repair(span, asked[1])) is not None:
            yield Repair(*found, diagnostic)


def _repair(span: Span, meant: str) -> tuple[Span, str] | None:
    """The part of a span that is replaced, and by what; None where the span is no single word."""
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
