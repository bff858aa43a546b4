"""The catalogue of malformed files: `cases/NAME.nas` and, in `cases/NAME.txt`, what is said about each.

A first line `# load: --set KEY=VALUE --data D --preset P` loads an experiment; else the file is checked.
After a change that is meant, write the expectations anew with DSLNAS_WRITE_CASES=1, and read them.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repository import CASES, MISTAKES
from strategies import SpaceText, spaces

import dslnas
from dslnas.base.diagnostics import CODES, Diagnostic, DslnasError
from dslnas.base.rendering import render_text
from dslnas.check.check import check_file
from dslnas.runs.load import load
from dslnas.runs.request import Request

NAMES = sorted(path.stem for path in CASES.glob("*.nas"))


@pytest.fixture(autouse=True)
def in_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages show paths as seen from the folder of the cases."""
    monkeypatch.chdir(CASES)


def diagnose(name: str) -> list[Diagnostic]:
    """All that is said about a case."""
    path = Path(f"{name}.nas")
    first = path.read_text().partition("\n")[0]
    if not first.startswith("# load:"):
        return check_file(path)
    try:
        load(path, Request(**options(shlex.split(first.removeprefix("# load:")))))
    except DslnasError as error:
        return list(error.diagnostics)
    return []


def options(words: list[str]) -> dict[str, Any]:
    """The arguments of `load` that a first line says."""
    pairs = list(zip(words[::2], words[1::2], strict=True))
    found: dict[str, Any] = {name[2:]: value for name, value in pairs if name != "--set"}
    return found | {"overrides": [value for name, value in pairs if name == "--set"]}


@pytest.mark.parametrize("name", NAMES)
def test_a_malformed_file_is_told_as_expected(name: str) -> None:
    said = "\n\n".join(render_text(diagnostic) for diagnostic in diagnose(name)) + "\n"
    expected = CASES / f"{name}.txt"
    if os.environ.get("DSLNAS_WRITE_CASES"):
        expected.write_text(said)
    assert said == expected.read_text()


def test_every_code_is_emitted_somewhere() -> None:
    package = Path(dslnas.__file__).parent
    paths = [path for path in package.rglob("*.py") if path.name != "diagnostics.py"]
    assert {code for path in paths for code in codes_in(path)} == set(CODES)


def codes_in(path: Path) -> set[str]:
    """The codes that a module names in its program text, docstrings apart."""
    strings = {node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
    return {code for code in CODES if code in strings}


@pytest.mark.parametrize("path", sorted(MISTAKES.glob("*.nas")), ids=lambda path: path.stem)
def test_ten_mistakes_are_ten_messages(path: Path) -> None:
    """Each line of the file says in a comment what is told about it: all of it in order, and nothing else."""
    told = [(one.span.line, one.code) for one in check_file(path) if one.span]
    marked = [
        (number, code)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        for code in re.findall(r"N\d{4}", line.partition("#")[2])
    ]
    assert told == marked
    assert len(told) == 10


def test_diagnostics_come_in_the_order_of_the_text() -> None:
    found = [d.span for d in diagnose("ten_mistakes") if d.span]
    places = [(span.source.name, span.line, span.column) for span in found]
    assert places == sorted(places)
    assert len(places) >= 10


@settings(max_examples=60, deadline=None)
@given(spaces(), st.data())
def test_a_drawn_space_with_a_word_changed_is_told_or_sound(space: SpaceText, data: st.DataObject) -> None:
    """A mutation is found or harmless; it never raises anything."""
    words = space.text.split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] = data.draw(
        st.sampled_from(("", "x", "conv(4)", "(", "}", "0", "nodes", "->", "skip", "3C", "-"))
    )
    for diagnostic in check_text(" ".join(words)):
        assert diagnostic.code in CODES
        assert diagnostic.span is not None


def check_text(text: str) -> list[Diagnostic]:
    """The diagnostics of a text."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "text.nas"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            return check_file(path)
        except DslnasError as error:
            return list(error.diagnostics)
