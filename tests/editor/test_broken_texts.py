"""Whatever a text is, every question about every place in it has an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import SpaceText, spaces

from dslnas.editor.completion import completions
from dslnas.editor.hover import hover
from dslnas.editor.inlays import inlays
from dslnas.editor.navigation import definition, references, renamable
from dslnas.editor.outline import outline
from dslnas.editor.places.lookup import Place, contains
from dslnas.editor.workspace import Workspace

EXPERIMENT = "method own(rate = 1) {\n    arch: adam(lr: rate)\n}\nexperiment {\n    space: Drawn\n}\n"
PIECES = st.sampled_from(
    ["(", ")", "{", "}", "[", "->", "=", ":", ",", "\n", "#", '"', "choose ", "for ", "2C", "\N{PILE OF POO}"]
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """The text of a space from which a stretch is cut, and into which something is written."""
    space: SpaceText = draw(spaces())
    text = space.text + EXPERIMENT
    start = draw(st.integers(0, len(text)))
    stop = draw(st.integers(start, min(len(text), start + 30)))
    return text[:start] + "".join(draw(st.lists(PIECES, max_size=3))) + text[stop:]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=broken(), data=st.data())
def test_every_question_has_an_answer(text: str, data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path.resolve() / "broken.nas"
    workspace = Workspace([path.parent])
    workspace.put(path, text)
    analysis = workspace.analysis(path)
    lines = analysis.source.lines
    line = data.draw(st.integers(1, len(lines)))
    place = Place(line, data.draw(st.integers(1, len(lines[line - 1]) + 1)))
    told = hover(workspace, path, place)
    assert told is None or contains(told.span, place) or told.span.text
    for one in completions(workspace, path, place):
        assert one.text and (one.span.end_line, one.span.end_column) == place.key
    made = definition(workspace, path, place)
    found = references(workspace, path, place)
    assert made is None or not found or made in {one.span for one in found}
    assert renamable(workspace, path, place) is None or found
    for entry in outline(analysis):
        assert (entry.span.line, entry.span.column) <= (entry.name_span.line, entry.name_span.column)
    for inlay in inlays(workspace, path):
        assert 1 <= inlay.line <= len(lines) and inlay.types


UNUSUAL = {
    "empty": "",
    "a long pipe": "op a = " + "x -> " * 2000 + "relu",
    "minuses": "op a = x -> conv(" + "-" * 3000 + "1)",
    "conditions": "op a = " + "if 1 == 1 then " * 500 + "x",
    "open brackets": "op a = " + "(" * 60,
    "many definitions": "".join(f"op a{number} = x -> bn\n" for number in range(500)),
    "windows": 'use "lib/darts.nas"\r\nop a {\r\n    let b = x -> relu\r\n    b -> skip\r\n}\r\n',
    "other ends of lines": "op a = x -> relu # \u2028\x0b\x0c\x85\n",
    "control characters": "".join(map(chr, range(256))),
    "itself": 'use "it.nas"\nspace A = B with {}\nspace B = A with {}\nop a = x -> b\nop b = x -> a\n',
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_texts_have_answers(text: str, tmp_path: Path) -> None:
    path = tmp_path.resolve() / "it.nas"
    workspace = Workspace([path.parent])
    workspace.put(path, text)
    lines = workspace.analysis(path).source.lines
    last = Place(len(lines), len(lines[-1]) + 1)
    for place in (Place(1, 1), Place(1, len(lines[0]) // 2 + 1), last):
        told = hover(workspace, path, place)
        assert told is None or contains(told.span, place)
        for one in completions(workspace, path, place):
            assert (one.span.end_line, one.span.end_column) == place.key
        made = definition(workspace, path, place)
        assert (made is None) == (references(workspace, path, place) == []) or lines[0].startswith("use")
    assert len(outline(workspace.analysis(path))) == sum(line[:3] in ("op ", "spa") for line in lines)
    assert inlays(workspace, path) == []


def test_what_is_left_of_a_broken_definition_has_its_names(tmp_path: Path) -> None:
    path, workspace = tmp_path.resolve() / "it.nas", Workspace()
    text = "op f(k) {\n    let a = x -> conv(k)\n    let b = = x\n    a -> relu\n}\n"
    workspace.put(path, text)
    assert [one.code for one in workspace.analysis(path).diagnostics] == ["N0101"]
    (entry,) = outline(workspace.analysis(path))
    assert [inner.name for inner in entry.inner] == ["a"]
    assert [one.span.line for one in references(workspace, path, Place(4, 5))] == [2, 4]
