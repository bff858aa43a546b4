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
from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from ...base.diagnostics import DslnasError, fail

GROUP = "dslnas.primitives"


def load_plugins(names: Iterable[str]) -> None:
    """Import each plugin, which registers its primitives; raises DslnasError N0208 if an import fails."""
    for name in dict.fromkeys(names):
        try:
            _load(name)
        except DslnasError:
            raise
        except Exception as error:
            message = f"plugin `{name}` cannot be imported: {error.__class__.__name__}: {error}"
            raise fail("N0208", message, help="a .py file, or the name of an installed module") from error


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
    spec = spec_from_file_location(f"dslnas_plugin_{path.stem}", path)
    assert spec is not None and spec.loader is not None, "it ends with .py"
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles look it up
    spec.loader.exec_module(module)
