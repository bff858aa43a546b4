"""What the wheel holds: every package and every data file of the tree, by the lists of `pyproject.toml`."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from repository import ROOT

TOP_LEVEL = {"dslnas.cli": "cli", "dslnas.grammar": "grammar", "dslnas.spaces": "spaces"}
DATA = {".nas", ".lark", ".j2", ".css", ".js", ".md", ".typed"}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def folder_of(package: str) -> Path:
    """The folder in the tree that a package of the wheel is made of."""
    return ROOT / TOP_LEVEL.get(package, package.replace(".", "/"))


def test_every_package_of_the_tree_is_listed() -> None:
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "dslnas").rglob("*.py")
        if "__pycache__" not in path.parts
    }
    listed = project()["tool"]["setuptools"]["packages"]
    assert set(listed) == found | set(TOP_LEVEL)
    assert len(listed) == len(set(listed))
    assert project()["tool"]["setuptools"]["package-dir"] == TOP_LEVEL


def test_the_command_line_has_no_sub_package_that_would_be_lost() -> None:
    assert not [path for path in (ROOT / "cli").iterdir() if path.is_dir() and path.name != "__pycache__"]


def test_every_data_file_is_covered_by_a_pattern() -> None:
    listed = project()["tool"]["setuptools"]["package-data"]
    covered = {
        file
        for package, patterns in listed.items()
        for pattern in patterns
        for file in folder_of(package).glob(pattern)
    }
    there = {
        file
        for folder in ("dslnas", "cli", "grammar", "spaces")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in DATA and file.is_file()
    }
    assert there and there == covered
    for package, patterns in listed.items():
        for pattern in patterns:
            assert list(folder_of(package).glob(pattern)), f"{pattern} of {package} matches nothing"


def test_the_entry_point_is_the_command_line() -> None:
    module, _, name = project()["project"]["scripts"]["dslnas"].partition(":")
    assert module == "dslnas.cli.app"
    assert callable(getattr(import_module("cli.app"), name))


def test_what_is_imported_is_declared() -> None:
    """A dependency that only the development environment has would break every installation."""
    import ast

    described = project()["project"]
    extras = [group for name, group in described["optional-dependencies"].items() if name != "test"]
    declared = {
        requirement.split(">")[0].split("[")[0].strip().replace("-", "_").lower()
        for group in (described["dependencies"], *extras)
        for requirement in group
    }
    imported = set()
    for folder in ("dslnas", "cli"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    imported.add(node.module.partition(".")[0])
    called = {"PIL": "pillow"}
    imported = {called.get(name, name) for name in imported}
    assert imported - set(sys.stdlib_module_names) - {"dslnas"} <= declared


def test_the_wheel_holds_all_of_it(tmp_path: Path) -> None:
    """Built from a copy of the tree without isolation, so that nothing is downloaded."""
    pytest.importorskip("setuptools", minversion="77", reason="building needs setuptools 77")
    import shutil

    source = tmp_path / "source"
    source.mkdir()
    for name in ("dslnas", "cli", "grammar", "spaces"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source / name)
    code = "import setuptools.build_meta as backend; print(backend.build_wheel('..'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = set()
    for package in project()["tool"]["setuptools"]["packages"]:
        inside = package.replace(".", "/")
        expected |= {f"{inside}/{file.name}" for file in folder_of(package).glob("*.py")}
    for package, patterns in project()["tool"]["setuptools"]["package-data"].items():
        folder, inside = folder_of(package), package.replace(".", "/")
        files = [file.relative_to(folder) for pattern in patterns for file in folder.glob(pattern)]
        expected |= {f"{inside}/{file.as_posix()}" for file in files}
    assert expected <= held
    assert "dslnas/py.typed" in held
