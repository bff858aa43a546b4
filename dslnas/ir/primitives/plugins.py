"""Loads plugins with primitives of users: a Python file, a package's entry point, or a module.

A space file cannot load Python code, so it is safe to check. The command line names plugins,
`dslnas --plugin mine.py check space.nas`; a package offers some by an entry point of the group
`dslnas.primitives`:

    [project.entry-points."dslnas.primitives"]
    mine = "mypackage.operations"
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NoReturn

from ...base.diagnostics import DslnasError, fail
from ...base.files import instead_of
from ...base.source import Source, Span

GROUP = "dslnas.primitives"
PREFIX = "dslnas_plugin_"  # of the modules of files


class Registration:
    """What `@dslnas.primitive()` decorates with: given a function, it registers that and returns it."""

    def __init__(self, register: Callable[[Any], Any]) -> None:
        self._register = register

    def __call__(self, function: Any) -> Any:
        """Register a function; returned as it is."""
        return self._register(function)


def load_plugins(names: Iterable[str]) -> None:
    """Import each plugin, which registers its primitives; raises DslnasError N0208 if an import fails."""
    for name in dict.fromkeys(names):
        try:
            _load(name)
        except DslnasError:
            raise
        except Exception as error:
            message = f"plugin `{name}` cannot be imported: {error.__class__.__name__}: {_reason(error)}"
            file = text_of(name) if name.endswith(".py") else None
            help = "" if file else instead_of(Path(name)) or "a .py file, or the name of an installed module"
            raise fail("N0208", message, raised_in(error, file), help=help) from error


def _reason(error: Exception) -> str:
    """What an error says, without the place that a syntax error repeats."""
    return (error.msg or "") if isinstance(error, SyntaxError) else str(error)


def text_of(path: str | Path) -> Source | None:
    """The text of a file of Python; None where it cannot be read."""
    try:
        return Source(str(path), Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError):
        return None


def line_of(file: Source, line: int) -> Span:
    """The text of a line, without its indentation; a file below the current folder by its path from there."""
    path, here = Path(file.name), Path.cwd()
    if path.is_absolute() and path.is_relative_to(here):
        file = Source(str(path.relative_to(here)), file.text)
    text = file.line(line)
    start = len(text) - len(text.lstrip())
    return Span(file, line, start + 1, line, max(len(text.rstrip()), start) + 1)


def raised_in(error: BaseException, file: Source | None) -> Span | None:
    """The line of a file that raised an error, the innermost; None where none of its lines did."""
    if file is None:
        return None
    path = Path(file.name).resolve()
    if isinstance(error, SyntaxError) and error.filename and Path(error.filename).resolve() == path:
        return line_of(file, error.lineno or 1)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == path]
    return line_of(file, lines[-1]) if lines and lines[-1] else None


def _load(name: str) -> None:
    if name.endswith(".py"):
        _load_file(Path(name).resolve())
        return
    from importlib.metadata import entry_points

    offered = entry_points(group=GROUP, name=name)
    for point in offered:
        point.load()
    if not offered:
        importlib.import_module(name)


def _load_file(path: Path) -> None:
    spec = spec_from_file_location(f"{PREFIX}{path.stem}", path)
    assert spec is not None and spec.loader is not None, "it ends with .py"
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles look it up
    spec.loader.exec_module(module)
    for name, value in vars(module).items():
        if isinstance(value, Registration):  # the function went in as a type rule
            _refuse_unfinished(name, text_of(path))


def _refuse_unfinished(name: str, file: Source | None) -> NoReturn:
    lines = file.text.splitlines() if file is not None else []
    found = [number for number, line in enumerate(lines, start=1) if line.startswith(f"def {name}(")]
    place = line_of(file, found[-1]) if file is not None and found else None
    message = f"`{name}` is no primitive: its decorator was not called"
    raise fail("N0208", message, place, help="`@dslnas.primitive()`, with parentheses")
