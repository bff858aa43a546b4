"""Diagnostics as data: order, renderers, and what every message looks like."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st
from repository import CASES

from dslnas.base.diagnostics import (
    CODES,
    Diagnostic,
    DslnasError,
    Label,
    errors,
    fail,
    first_of_each,
    in_order,
)
from dslnas.base.rendering import render_text, to_json
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


@given(spans())
def test_the_text_of_a_span_lies_in_its_source(span: Span) -> None:
    assert span.text in span.source.text
    assert span.text.count("\n") == span.end_line - span.line


@given(st.lists(diagnostics(), max_size=8))
def test_order_is_that_of_the_text_without_repeats(found: list[Diagnostic]) -> None:
    ordered = in_order([*found, *found])
    places = [(d.span.line, d.span.column) if d.span else (0, 0) for d in ordered]
    assert places == sorted(places)
    assert set(ordered) == set(found) and len(ordered) == len(set(found))
    assert set(first_of_each(found)) <= set(found)
    assert [d.severity for d in errors(found)] == ["error"] * len(errors(found))


def test_one_mistake_met_twice_is_told_once() -> None:
    place = start_of(Source("text", "x"))
    one, other = (Diagnostic("N0302", message, place) for message in ("first", "second"))
    assert first_of_each([one, other]) == [one]
    elsewhere = Diagnostic("N0308", "`relu` has no complex form", Span(place.source, 1, 2, 1, 2))
    assert first_of_each([elsewhere, Diagnostic("N0308", elsewhere.message, place)]) != [elsewhere]
    assert len(first_of_each([elsewhere, Diagnostic("N0308", elsewhere.message, place)])) == 1


def test_an_error_carries_its_diagnostics() -> None:
    error = fail("N0201", "there is no `x`", help="write it")
    assert isinstance(error, DslnasError) and str(error) == "there is no `x`"
    assert [d.help for d in error.diagnostics] == ["write it"]


def test_messages_are_short_sentences_without_a_stop() -> None:
    said = "\n".join(path.read_text() for path in CASES.glob("*.txt"))
    messages = re.findall(r"^(?:error|warning)\[N\d{4}\]: (.*)$", said, re.MULTILINE)
    assert len(messages) > 100
    for message in messages:
        assert not message.endswith((".", "!")) and not re.match(r"[A-Z][a-z]", message), message
        assert len(message) <= 120, message
        assert not re.search(r"\b(None|True|False|Ref\(|Dim\(|tuple|dict|object at)\b", message), message
