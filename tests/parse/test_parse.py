"""Text to trees: no text raises, places are real, layout and comments change nothing."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import SpaceText, spaces

from dslnas.base.diagnostics import DslnasError
from dslnas.base.source import Source, Span
from dslnas.parse import syntax
from dslnas.parse.parse import parse, parse_value
from dslnas.resolve.library import shipped
from fuzz.seeds import WORDS

SHIPPED = sorted(shipped().rglob("*.nas"))
# Pieces of the language in any order: nearer to what a person mistypes than random characters.
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_files_are_read(path: Path) -> None:
    file, diagnostics = parse(Source(path.name, path.read_text()))
    assert diagnostics == []
    assert file.definitions and not file.unread


@settings(max_examples=200, deadline=None)
@given(texts)
def test_any_text_ends_in_definitions_and_diagnostics(text: str) -> None:
    source = Source("text", text)
    file, diagnostics = parse(source)
    for diagnostic in diagnostics:
        assert diagnostic.code in ("N0101", "N0103", "N0301")
        assert diagnostic.span is not None and is_inside(diagnostic.span)
    for span in spans_in(file.definitions):
        assert is_inside(span) and span.source is source
    assert bool(file.unread) == bool(diagnostics)


def is_inside(span: Span) -> bool:
    """Whether a span begins within its text, or right behind a line of it."""
    lines = span.source.lines
    return 1 <= span.line <= len(lines) and 1 <= span.column <= len(lines[span.line - 1]) + 1


def spans_in(node: object) -> list[Span]:
    if isinstance(node, Span):
        return [node]
    if isinstance(node, tuple):
        return [span for item in node for span in spans_in(item)]
    if is_dataclass(node):
        return [span for field in fields(node) for span in spans_in(getattr(node, field.name))]
    return []


@settings(max_examples=100, deadline=None)
@given(texts)
def test_any_value_of_the_command_line_is_read_or_refused(text: str) -> None:
    try:
        assert parse_value(text, "--set k")
    except DslnasError as error:
        assert error.diagnostics


@settings(max_examples=60, deadline=None)
@given(spaces(), st.randoms(use_true_random=False))
def test_comments_and_layout_change_nothing(space: SpaceText, chance: object) -> None:
    choice = chance.choice  # type: ignore[attr-defined]
    lines = [
        re.sub("   +", lambda found: found[0] + choice(("", "  ", "\t")), line)
        + choice(("", "", "   ", "  # a comment, with {", "\n", "\n# alone"))
        for line in space.text.split("\n")
    ]
    spread = re.sub(
        r" -> ", lambda found: choice((" -> ", "->", " ->\n        ", "\n        -> ")), "\n".join(lines)
    )
    (one, none), (other, also_none) = parse(Source("a", space.text)), parse(Source("a", spread))
    assert none == also_none == []
    assert one.definitions == other.definitions


def test_an_error_hides_none_in_other_definitions_or_lines() -> None:
    text = "op f = x -> )\nop g = x -> relu\nop h {\n    let a = ]\n    let b = x -> relu\n    a\n}\n"
    file, diagnostics = parse(Source("text", text))
    assert [d.span.line for d in diagnostics if d.span] == [1, 4]
    assert [d.name for d in file.definitions if isinstance(d, syntax.Op)] == ["g"]
    assert {("op", "f"), ("op", "h")} == file.unread


def test_a_long_pipe_is_no_deep_nest() -> None:
    file, diagnostics = parse(Source("text", "op f = x" + " -> relu" * 5000 + "\n"))
    assert diagnostics == []
    (op,) = file.definitions
    assert isinstance(op, syntax.Op) and isinstance(op.body.value, syntax.Pipe)
    assert len(op.body.value.stages) == 5000


@pytest.mark.parametrize("link", [" + 1", " * x", " and true"])
def test_a_deep_expression_is_told(link: str) -> None:
    _, diagnostics = parse(Source("text", "op f = 1" + link * 5000))
    assert [d.code for d in diagnostics] == ["N0103"]
