"""Diagnostics as text and as JSON: what is shown of a place, and how much of it."""

from __future__ import annotations

import json

from drawn_diagnostics import diagnostics
from hypothesis import given

from dslnas.base import limits
from dslnas.base.diagnostics import Diagnostic
from dslnas.base.rendering import render_text, to_json
from dslnas.base.source import Source, Span


@given(diagnostics())
def test_every_diagnostic_is_shown(diagnostic: Diagnostic) -> None:
    shown = render_text(diagnostic)
    assert shown.startswith(f"{diagnostic.severity}[{diagnostic.code}]: what is wrong")
    assert shown.endswith("   = in: it\n   = help: do this")
    if diagnostic.span is not None:
        assert f"  --> text:{diagnostic.span.line}:{diagnostic.span.column}\n" in shown
        assert diagnostic.span.source.line(diagnostic.span.line) in shown


@given(diagnostics())
def test_json_says_the_same(diagnostic: Diagnostic) -> None:
    data = json.loads(json.dumps(to_json(diagnostic)))
    assert (data["code"], data["message"], data["help"]) == (diagnostic.code, "what is wrong", "do this")
    assert (data["line"] is None) == (diagnostic.span is None)


def test_a_message_shows_the_part_of_a_long_line_that_matters() -> None:
    source = Source("long.nas", "a" * 5000 + "HERE" + "b" * 5000)
    lines = render_text(Diagnostic("N0101", "wrong", Span(source, 1, 5001, 1, 5005))).splitlines()
    shown, marks = lines[3], lines[4]
    assert max(map(len, lines)) < limits.LINE_SHOWN + 20
    assert [letter for letter, mark in zip(shown, marks, strict=False) if mark == "^"] == list("HERE")


def test_a_mark_ends_with_the_line() -> None:
    source = Source("long.nas", "ab\ncd")
    lines = render_text(Diagnostic("N0101", "wrong", Span(source, 1, 2, 2, 2))).splitlines()
    assert lines[4] == "  |  ^"
