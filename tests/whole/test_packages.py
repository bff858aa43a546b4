"""The packages: what may import what, what needs no torch, how much stands in one folder."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from generated import packages
from importlinter.cli import lint_imports

PACKAGE = Path(packages.__file__).parents[2] / "dslnas"
PICTURE = Path(packages.__file__).parents[1] / "pages" / "packages.svg"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in MODULES})


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def test_no_package_imports_upwards_or_in_a_circle(capsys: pytest.CaptureFixture[str]) -> None:
    """The contracts of `pyproject.toml`, which count imports in functions and for types alone as well."""
    assert lint_imports(str(PACKAGE.parent / "pyproject.toml"), no_cache=True) == 0, capsys.readouterr().out


def test_the_compiler_imports_no_torch() -> None:
    """Every module left of the lowering, imported at once."""
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] in packages.free_of_torch()
    ]
    assert len(names) > 100
    code = (
        f"import sys, importlib; [importlib.import_module(name) for name in {names}]; "
        "print(sorted({'torch', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_listing_is_short() -> None:
    entries = [path for path in PACKAGE.iterdir() if path.name not in ("__pycache__", "__main__.py")]
    assert len(entries) <= 20, sorted(path.name for path in entries)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_package_holds_at_most_fifteen_modules(folder: Path) -> None:
    assert (folder / "__init__.py").is_file(), "a folder of modules is a package"
    assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 15


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert said and len(said.splitlines()[0]) > 20 and said.splitlines()[0][0].isupper()


def test_files_that_texts_name_are_there() -> None:
    """A module that is named in backticks, `lower/network.py`, in a docstring, a comment or on a page."""
    root = PACKAGE.parent
    folders = ("benchmarks", "cli", "docs", "dslnas", "fuzz", "grammar", "spaces", "tests")
    files = [*root.glob("*.md"), *(path for folder in folders for path in (root / folder).rglob("*.*"))]
    known = {f"/{path.relative_to(root).as_posix()}" for path in files}
    missing = [
        (name_of(path), name)
        for path in files
        if path.suffix in (".py", ".md", ".lark", ".nas")
        for name in re.findall(r"`(?!mine)([\w/]+\.py)`", path.read_text(encoding="utf-8"))
        if not any(one.endswith(f"/{name}") for one in known)
    ]
    assert missing == []


def test_the_picture_of_the_packages_is_current() -> None:
    """`DSLNAS_WRITE_CASES=1 python -m pytest tests/whole/test_packages.py` draws it again."""
    if os.environ.get("DSLNAS_WRITE_CASES"):
        PICTURE.write_text(packages.picture(), encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == packages.picture()
