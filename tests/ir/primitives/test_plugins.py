"""Plugins: Python files and packages that offer primitives."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.diagnostics import DslnasError
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.plugins import load_plugins


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """The primitives of a test are those of the language again afterwards."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


PLUGIN = """
import dslnas
from torch import nn


@dslnas.primitive()
def hard(x: dslnas.TensorType) -> nn.Module:
    return nn.Hardtanh()
"""
HARD = "space Hard {\n    network = input -> conv(3, 8) -> hard -> global_pool -> linear(classes)\n}\n"


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_commands_see_a_plugin_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin, space = tmp_path / "ops.py", tmp_path / "hard.nas"
    plugin.write_text(PLUGIN)
    space.write_text(HARD)
    assert "there is no operation `hard`" in invoke("check", space).stderr
    assert invoke("--plugin", plugin, "check", space).exit_code == 0
    assert invoke("--plugin", plugin, "plan", space).exit_code == 0
    del REGISTRY["hard"]
    monkeypatch.setenv("DSLNAS_PLUGINS", str(plugin))
    assert invoke("check", space).exit_code == 0


def test_two_plugins_with_one_name_clash(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(PLUGIN)
    load_plugins([str(tmp_path / "one.py"), str(tmp_path / "one.py")])
    with pytest.raises(DslnasError, match="the name is taken"):
        load_plugins([str(tmp_path / "two.py")])


@pytest.mark.parametrize("text", [None, "import no_such_module\n", "def (\n", "1 / 0\n"])
def test_a_plugin_that_cannot_be_imported_is_a_diagnostic(tmp_path: Path, text: str | None) -> None:
    plugin = tmp_path / "broken.py"
    if text is not None:
        plugin.write_text(text)
    for named in (plugin, "no_such_module_at_all"):
        result = invoke("--plugin", named, "check", "ss1")
        assert result.exit_code == 1 and "error[N0208]" in result.stderr
        assert "Traceback" not in result.output


def test_a_package_offers_primitives_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.metadata

    (tmp_path / "offered_operations.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("mine", "offered_operations", "dslnas.primitives")

    def offered(**wanted: str) -> EntryPoints:
        return EntryPoints([point]).select(**wanted)

    monkeypatch.setattr(importlib.metadata, "entry_points", offered)
    load_plugins(["mine"])
    assert "hard" in REGISTRY
