"""Canonical text: it means the same, keeps every comment at its place, and is its own canonical text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drawing import genotype_drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, DrawFn
from repository import CASES
from strategies import SpaceText, spaces, symbolic_program

from dslnas.base.diagnostics import DslnasError, errors
from dslnas.base.source import Source
from dslnas.parse.format import formatted
from dslnas.parse.parse import parse
from dslnas.parse.syntax import Definition
from dslnas.resolve.genotype_text import text_of
from dslnas.resolve.library import shipped

SHIPPED = sorted(shipped().rglob("*.nas"))
FILES = sorted(CASES.rglob("*.nas"))
GAP = re.compile(r'(#[^\n]*|"[^"\n]*"|\w+|->|\.\.|[<>=!]=|\S)')
NOISE = (" ", "   ", "\t ", "\n", "\n\n\n", "  # here\n", "\n        # alone\n", "# a\n\n# b\n  ", "\n#\n")


def fmt(text: str) -> str:
    return formatted(Source("it.nas", text))


def meaning(text: str) -> tuple[Definition, ...] | None:
    """The definitions of a text; None where it does not follow the grammar."""
    file, diagnostics = parse(Source("it.nas", text))
    return None if errors(diagnostics) else file.definitions


def in_order(text: str) -> list[str]:
    """Comments, quoted texts, all other characters; without spaces, and commas that a newline may replace."""
    return [part.rstrip() for part in re.findall(r'#[^\n]*|"[^"\n]*"|[^\s,]', text)]


def check(text: str) -> None:
    """All that is promised of canonical text."""
    canonical = fmt(text)
    assert meaning(canonical) == meaning(text) is not None
    assert in_order(canonical) == in_order(text)
    assert fmt(canonical) == canonical
    lines = canonical.splitlines()
    assert all(line == line.rstrip() and "\t" not in line.partition("#")[0] for line in lines)
    assert "\n\n\n" not in canonical and canonical == canonical.strip("\n") + "\n"


@st.composite
def disturbed(draw: DrawFn, text: str) -> str:
    """A text that means the same, with other spaces, line breaks and comments between its tokens."""
    parts = GAP.split(text)  # gap, token, gap, token, ..., gap
    before = meaning(text)
    places = draw(st.lists(st.integers(0, len(parts) // 2).map(lambda n: 2 * n), max_size=12))
    for place in places:
        other = [*parts]
        other[place] = draw(st.sampled_from(NOISE)) + draw(st.sampled_from(("", parts[place])))
        if meaning("".join(other)) == before:
            parts = other
    return "".join(parts)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_files_are_canonical(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert fmt(text) == text


def test_moments_of_a_loss_form_a_column_where_they_are_asked_to() -> None:
    text = """method m {
    loss: cross_entropy
          + 2 * gini(alpha)       after 50%
          + 20 * multihot(gamma, 2) from 50%
            to 80%
}
"""
    assert (
        fmt(text)
        == """method m {
    loss: cross_entropy
          + 2 * gini(alpha)         after 50%
          + 20 * multihot(gamma, 2) from 50%
          to 80%
}
"""
    )
    check(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_cases_keep_their_meaning(path: Path) -> None:
    """Also those that mean nothing: what is malformed beyond its syntax is text like any other."""
    text = path.read_text(encoding="utf-8")
    if meaning(text):
        check(text)


@given(st.data(), st.sampled_from(SHIPPED))
@settings(max_examples=60, deadline=None)
def test_disturbed_shipped_files(data: DataObject, path: Path) -> None:
    check(data.draw(disturbed(path.read_text(encoding="utf-8"))))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_disturbed_drawn_spaces(data: DataObject) -> None:
    check(data.draw(disturbed(data.draw(spaces()).text)))


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_printed_genotypes_are_canonical(tmp_path_factory: pytest.TempPathFactory, data: DataObject) -> None:
    definitions = data.draw(spaces()).resolve(tmp_path_factory.mktemp("drawn"))
    text = text_of(genotype_drawn(data.draw, symbolic_program(definitions)))
    assert fmt(text) == text
    check(data.draw(disturbed(text)))


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_what_options_are_called_does_not_depend_on_layout(
    tmp_path_factory: pytest.TempPathFactory, data: DataObject
) -> None:
    """A genotype of a space fits it after `fmt` as well."""
    space = data.draw(spaces())
    loose = data.draw(disturbed(space.text))
    before, after = (
        symbolic_program(SpaceText(text, space.channels).resolve(tmp_path_factory.mktemp("drawn")))
        for text in (loose, fmt(loose))
    )
    assert before.choices == after.choices


# --- examples -----------------------------------------------------------------------------------------------

EXAMPLES = {
    "spaces": ("op  f( k=3 )=x->conv( k,stride:2 )", "op f(k = 3) = x -> conv(k, stride: 2)"),
    "units, signs, ranges": (
        "op f = x -> g(- 6dB..6dB, -1) -> h[1 .. 2*k]",
        "op f = x -> g(-6dB .. 6dB, -1) -> h[1..2 * k]",
    ),
    "choices": ("op f = x -> choose{ relu,tanh }", "op f = x -> choose {relu, tanh}"),
    "operators lead": ("op f = x ->\n  relu\n -> bn", "op f = x\n    -> relu\n    -> bn"),
    "what = gives begins beside it": ("op f =\n  x -> relu", "op f = x -> relu"),
    "keys in a column": (
        "experiment{\nspace:SS1\n\n# how\nmethod :darts}",
        "experiment {\n    space:  SS1\n\n    # how\n    method: darts\n}",
    ),
    "further lines of a value": (
        "method m {\n loss: cross_entropy +\n  1 * gini(alpha)\n}",
        "method m {\n    loss: cross_entropy\n          + 1 * gini(alpha)\n}",
    ),
    "names in a column": ("op f = x\nop long = x\n\nop g = x", "op f    = x\nop long = x\n\nop g = x"),
    "arrows in columns, where asked for": (
        "op f = x\n  -> relu  -> bn\n  -> conv(3) -> bn",
        "op f = x\n    -> relu    -> bn\n    -> conv(3) -> bn",
    ),
    "arrows as they come": (
        "op f = x\n  -> relu -> bn\n  -> conv(3) -> bn",
        "op f = x\n    -> relu -> bn\n    -> conv(3) -> bn",
    ),
    "comments in a column": (
        "op f = x # one\nop long = x# two\n\n\n# alone\nop g = x",
        "op f    = x  # one\nop long = x  # two\n\n# alone\nop g = x",
    ),
    "short blocks": ("space A = B with{\tstride :2 }", "space A = B with { stride: 2 }"),
    "empty blocks": ("profile a = b with{\n\n}", "profile a = b with {}"),
    "long arguments": (
        "op f = x -> conv(\n3,\n C, stride: 2)",
        "op f = x -> conv(\n    3,\n    C, stride: 2\n)",
    ),
    "arguments on further lines": (
        "op f = x\n -> conv(3,\n C,\n stride: 2)\n -> bn",
        "op f = x\n    -> conv(3,\n        C,\n        stride: 2)\n    -> bn",
    ),
    "candidates end with their line": (
        "space S {\n c { a = relu, b = bn,\n d = conv(3) }\n}",
        "space S {\n    c {\n        a = relu\n        b = bn\n        d = conv(3)\n    }\n}",
    ),
    "a comment ends its line": (
        "op f = x -> # why\n relu",
        "op f = x ->  # why\n    relu",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    text, canonical = EXAMPLES[name]
    assert fmt(text) == canonical + "\n"
    check(text)


@pytest.mark.parametrize("text", ["", "\n\n", "  "])
def test_nothing_stays_nothing(text: str) -> None:
    assert fmt(text) == ""


def test_comments_alone_stay() -> None:
    assert fmt("\n\n# a\n\n\n# b  \n") == "# a\n\n# b\n"


def test_syntax_errors_are_told() -> None:
    with pytest.raises(DslnasError) as caught:
        fmt("op f = x ->\nop g = = x\n")
    assert [d.code for d in caught.value.diagnostics] == ["N0101", "N0101"]
