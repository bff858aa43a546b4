"""What words mean, for their colours: of every text in order, each word once, and never against the lexer."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from dslnas.editor.meanings import MARKS, MEANINGS, meanings
from dslnas.editor.workspace import Workspace
from dslnas.ir.primitives import REGISTRY
from dslnas.parse.grammar import keywords
from dslnas.resolve.library import shipped, usable


@pytest.mark.parametrize("name", usable())
def test_the_words_of_a_shipped_file_have_a_meaning(name: str) -> None:
    analysis = Workspace().analysis((shipped() / name).resolve())
    found = list(meanings(analysis))
    places = [(one.span.line, one.span.column, one.span.end_column) for one in found]
    assert places == sorted(places)
    for (line, _, end), (next_line, start, _) in pairwise(places):
        assert line < next_line or end <= start
    assert {one.kind for one in found} <= set(MEANINGS)
    assert {mark for one in found for mark in one.marks} <= set(MARKS)
    for one in found:
        word = one.span.text
        assert (one.kind == "keyword") <= (word in keywords())
        if one.kind == "function" and word in REGISTRY:
            assert one.marks == ("defaultLibrary",)


def test_a_broken_text_has_colours_too(tmp_path: Path) -> None:
    workspace, path = Workspace(), tmp_path.resolve() / "it.nas"
    workspace.put(path, 'op f(k) = x -> ) conv(k, stride "a\nmethod m { mix.edges: softmax }\n')
    kinds = {one.span.text: one.kind for one in meanings(workspace.analysis(path))}
    assert kinds["op"] == kinds["method"] == "keyword" and kinds["conv"] == "function"
    assert kinds["mix"] == kinds["edges"] == "property"
