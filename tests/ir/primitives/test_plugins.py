"""Plugins: Python files and packages that offer primitives."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
from small import batch
from typer.testing import CliRunner

import dslnas
from cli.app import app
from dslnas.base.diagnostics import DslnasError
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.plugins import load_plugins
from dslnas.lower.pruned import PrunedNetwork


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
CLASS = """

class Own(nn.Module):
    def forward(self, x):
        return x.nothing
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import dslnas\n\n\nimport no_such_module\n", "4:1"),
        ("def f():\n    return 1 / 0\n\n\nf()\n", "2:5"),
        ("import dslnas\ndef (\n", "2:1"),
        (PLUGIN.replace("x: dslnas.TensorType", "x"), "6:1"),
        (PLUGIN.replace("primitive()", "primitive"), "7:1"),
        (PLUGIN.replace("nn.Hardtanh()", "nn.Hardtan()"), "8:5"),
        (PLUGIN.replace("nn.Hardtanh()", "None"), "6:1"),
        (PLUGIN.replace("nn.Hardtanh()", "nn.Conv2d(x.channels + 1, x.channels, 3)"), "6:1"),
        (PLUGIN.replace("nn.Hardtanh()", "Own()") + CLASS, "13:9"),
        (PLUGIN.replace("primitive()", "primitive(cost=lambda x: x.chanels)"), "6:1"),
        (PLUGIN.replace("primitive()", "primitive(type=lambda x: x.chanels)"), "6:1"),
        (PLUGIN.replace("primitive()", "primitive(type=lambda x: x.size)"), "6:1"),
    ],
)
def test_what_fails_in_a_plugin_is_told_with_its_line(text: str, line: str, tmp_path: Path) -> None:
    plugin, space = tmp_path / "broken.py", tmp_path / "hard.nas"
    plugin.write_text(text)
    space.write_text(HARD)
    result = invoke("--plugin", plugin, "plan", space)
    assert result.exit_code == 1 and "error[N0208]" in result.stderr, result.output
    assert f"--> {plugin}:{line}" in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_what_fails_in_training_is_told_with_its_line(tmp_path: Path) -> None:
    stated = PLUGIN.replace("primitive()", "primitive(cost=lambda x: dslnas.Cost())")
    (tmp_path / "late.py").write_text(stated.replace("nn.Hardtanh()", "Own()") + CLASS)
    (tmp_path / "hard.nas").write_text(HARD)
    load_plugins([str(tmp_path / "late.py")])
    one = dslnas.load(tmp_path / "hard.nas", data="fsdd").experiment
    assert one.only_genotype is not None
    network = PrunedNetwork(one.evaluation, one.only_genotype, 0)
    with pytest.raises(DslnasError, match="the module of primitive `hard` fails") as caught:
        network(batch(one)[0])
    assert caught.value.diagnostics[0].location == f"{(tmp_path / 'late.py').resolve()}:13:9"


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
