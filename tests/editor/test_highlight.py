"""The lexer for Pygments: it loses no character and knows the words of the language."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.token import Comment, Error, Keyword, Name, Number
from repository import ROOT
from strategies import SpaceText, spaces

from dslnas.editor.highlight import NasLexer
from dslnas.parse.grammar import keywords
from dslnas.resolve.library import shipped


@pytest.mark.parametrize("path", sorted(shipped().rglob("*.nas")), ids=lambda path: path.stem)
def test_every_shipped_file_is_coloured_without_an_error(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tokens = list(NasLexer(stripnl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert Error not in {kind for kind, _ in tokens}


@given(spaces())
def test_every_drawn_space_is_too(space: SpaceText) -> None:
    assert Error not in {kind for kind, _ in NasLexer().get_tokens(space.text)}


@given(st.text(max_size=80))
def test_any_text_has_tokens(text: str) -> None:
    assert "".join(value for _, value in NasLexer(stripnl=False, ensurenl=False).get_tokens(text)) == (
        text.replace("\r\n", "\n").replace("\r", "\n")
    )


def test_what_the_words_of_a_line_are() -> None:
    line = "mix.edges: choose {conv(3ms), mine} # why"
    kinds = {value: kind for kind, value in NasLexer().get_tokens(line)}
    assert kinds["mix.edges"] is Name.Attribute and kinds["choose"] is Keyword
    assert kinds["conv"] is Name.Builtin and kinds["mine"] is Name
    assert kinds["3ms"] is Number and kinds["# why"] is Comment.Single


def test_the_keywords_are_those_of_the_grammar() -> None:
    kinds = {value: kind for kind, value in NasLexer().get_tokens(" ".join(sorted(keywords())))}
    assert all(kinds[word] is Keyword for word in keywords())
    assert {"op", "space", "choose", "keep", "if", "or"} <= keywords()
    assert "relu" not in keywords()


def test_pygments_is_told_of_the_lexer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (entry,) = project["project"]["entry-points"]["pygments.lexers"].values()
    module, _, name = entry.partition(":")
    assert getattr(import_module(module), name) is NasLexer
    assert "nas" in NasLexer.aliases and "*.nas" in NasLexer.filenames
