"""Diagnostics as data: their order, and what every message looks like."""

from __future__ import annotations

import re

from drawn_diagnostics import diagnostics
from hypothesis import given
from hypothesis import strategies as st
from repository import CASES

from dslnas.base.diagnostics import (
    Diagnostic,
    DslnasError,
    errors,
    fail,
    first_of_each,
    in_order,
)
from dslnas.base.source import Source, Span, start_of


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
