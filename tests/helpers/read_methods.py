"""Methods, read from the text of a call or a definition."""

from __future__ import annotations

from pathlib import Path

from dslnas.methods.method import Method
from dslnas.methods.read import read_call, read_method
from dslnas.parse.parse import parse_value
from dslnas.resolve.resolve import library, resolve


def method_of(text: str) -> Method:
    """The library's method that a call such as `darts(order: 1)` means."""
    (expr,) = parse_value(text, "--set method")
    method, found = read_method(*read_call(expr, library().methods))
    assert found == []
    assert method is not None
    return method


def written(folder: Path, text: str) -> tuple[Method | None, list[str]]:
    """The method `m` of a text, and the codes of what is said about it."""
    path = folder / "methods.nas"
    path.write_text(f'use "lib/methods.nas"\n{text}\n')
    definitions, diagnostics = resolve(path)
    assert diagnostics == []
    method, found = read_method(definitions.methods["m"])
    return method, [diagnostic.code for diagnostic in found]
