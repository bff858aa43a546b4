"""Texts and the places in them."""

from __future__ import annotations

from drawn_diagnostics import spans
from hypothesis import given

from dslnas.base.source import Span


@given(spans())
def test_the_text_of_a_span_lies_in_its_source(span: Span) -> None:
    assert span.text in span.source.text
    assert span.text.count("\n") == span.end_line - span.line
