"""Places in texts and diagnostics, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from dslnas.base.diagnostics import (
    CODES,
    Diagnostic,
    Label,
)
from dslnas.base.source import Source, Span, start_of

lines = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30), min_size=1, max_size=6
)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """A place in some text, of one line or several."""
    text = draw(lines)
    source = Source("text", "\n".join(text))
    line = draw(st.integers(1, len(text)))
    end_line = draw(st.integers(line, len(text)))
    column = draw(st.integers(1, len(text[line - 1]) + 1))
    first = column if end_line == line else 1
    return Span(source, line, column, end_line, draw(st.integers(first, len(text[end_line - 1]) + 1)))


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    span = draw(st.none() | spans())
    labels = () if span is None else (Label(start_of(span.source), "there"),)
    code = draw(st.sampled_from(sorted(CODES)))
    severity = draw(st.sampled_from(("error", "warning")))
    return Diagnostic(code, "what is wrong", span, "here", labels, ("in: it",), "do this", severity)  # type: ignore[arg-type]
