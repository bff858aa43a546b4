"""Runs keep the Python files that define their primitives, and every command that opens one finds them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_runs import invoke
from recordings import TINY

from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import PLUGINS, SETTINGS
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.plugins import load_plugins
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request
from dslnas.runs.run import Run

PLUGIN = """\
import dslnas
from torch import nn


@dslnas.primitive()
def gnorm(x: dslnas.TensorType, groups: int = 2) -> nn.Module:
    return nn.GroupNorm(groups, x.channels)
"""
SPACE = """\
space Own(channels = 4) {
    network = input -> conv(3, channels) -> gnorm -> relu -> global_pool -> linear(classes)
}
"""
SETTINGS_OF_OWN = [one for one in TINY if one.partition("=")[0] not in ("nodes", "repeat", "channels")]


@pytest.fixture(autouse=True)
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The primitives of a test are those of the language again afterwards; nothing was ever run here."""
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "cache"))
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(PLUGIN)
    return path


@pytest.fixture
def run(plugin: Path, tones: Path, tmp_path: Path) -> Run:
    """A run that has not begun, whose primitive another process would not know."""
    (tmp_path / "own.nas").write_text(SPACE)
    load_plugins([str(plugin)])
    request = Request(f"folder:{tones}", overrides=SETTINGS_OF_OWN)
    made = start(load(tmp_path / "own.nas", request), tmp_path / "run", device="cpu")
    del REGISTRY["gnorm"]
    return made


def test_a_run_keeps_what_its_space_names_and_nothing_else(run: Run, tmp_path: Path) -> None:
    settings = json.loads((run.path / SETTINGS).read_text())
    (kept,) = settings["plugins"]
    assert (run.path / kept["file"]).read_text() == PLUGIN and kept["primitives"] == ["gnorm"]
    assert kept["path"] == str(tmp_path / "mine.py")
    without = start(load("resnet18"), tmp_path / "without", device="cpu")
    assert not (without.path / PLUGINS).exists()
    assert "plugins" not in json.loads((without.path / SETTINGS).read_text())


@pytest.mark.usefixtures("tiny_runs")
def test_every_command_finds_the_plugin_of_a_run_that_was_moved(
    run: Run, plugin: Path, tones: Path, tmp_path: Path
) -> None:
    load_plugins([str(plugin)])
    run.execute()
    del REGISTRY["gnorm"]
    plugin.unlink()
    moved = tmp_path / "elsewhere"
    shutil.move(run.path, moved)
    recording = next(iter(tones.rglob("*.wav")))
    commands = [
        ["test", moved],
        ["predict", moved, recording],
        ["diff", moved, moved],
        ["report", moved],
        ["plan", moved],
        ["run", "--resume", moved],
    ]
    # `tiny_runs` keeps another cache, in which the run was made.
    for command in commands:
        REGISTRY.pop("gnorm", None)
        result = invoke(*map(str, command))
        assert result.exit_code == 0, (command, result.output)
    REGISTRY.pop("gnorm", None)
    refused = invoke("export", str(moved))
    assert refused.exit_code == 1 and "error[N0702]" in refused.stderr


def test_a_plugin_that_has_changed_is_told_and_the_run_stays_as_it_was(run: Run, plugin: Path) -> None:
    plugin.write_text(PLUGIN.replace("nn.GroupNorm(groups, x.channels)", "nn.Tanh()"))
    (told,) = [one for one in Run.open(run.path).experiment.warnings if one.code == "N0208"]
    assert "has changed since the run began" in told.message and told.location == f"{plugin}:1:1"
    defined = REGISTRY["gnorm"].file
    assert defined is not None and Path(defined.name) == run.path / PLUGINS / "mine.py"
    del REGISTRY["gnorm"]
    assert "mine.py has changed" in invoke("diff", str(run.path), str(run.path)).stderr


def test_a_plugin_that_is_named_is_taken_and_what_differs_is_told(run: Run, plugin: Path) -> None:
    plugin.write_text(PLUGIN.replace("nn.GroupNorm(groups, x.channels)", "nn.Tanh()"))
    result = invoke("--plugin", str(plugin), "plan", str(run.path))
    assert result.exit_code == 0
    assert "warning[N0208]: `gnorm`" in result.stderr and "is not the file with which" in result.stderr


def test_code_that_nobody_ran_here_is_not_run(
    run: Run, plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSLNAS_CACHE", str(tmp_path / "of another"))
    plugin.unlink()
    for command in ("plan", "predict", "report"):
        more = ["a.wav"] if command == "predict" else []
        refused = invoke(command, str(run.path), *more)
        assert "gnorm" not in REGISTRY
        if command != "report":  # which reads figures, and no space
            assert refused.exit_code == 1 and "nobody has run on this machine" in refused.stderr
    copy = run.path / PLUGINS / "mine.py"
    assert f"dslnas --plugin {copy}" in invoke("plan", str(run.path)).stderr
    assert invoke("--plugin", str(copy), "plan", str(run.path)).exit_code == 0
    del REGISTRY["gnorm"]
    assert invoke("plan", str(run.path)).exit_code == 0  # once named, it is known


def test_a_copy_that_was_changed_is_not_taken(run: Run) -> None:
    (run.path / PLUGINS / "mine.py").write_text("raise SystemExit\n")
    with pytest.raises(DslnasError, match="not as the run kept it") as caught:
        Run.open(run.path)
    assert caught.value.diagnostics[0].code == "N0701"


@pytest.mark.parametrize(
    "plugins", ['"mine.py"', "[1]", '[{"file": "../mine.py"}]', '[{"file": "plugins/mine.py", "path": 3}]']
)
def test_broken_settings_are_told(run: Run, plugins: str) -> None:
    path = run.path / SETTINGS
    settings = json.loads(path.read_text()) | {"plugins": json.loads(plugins)}
    path.write_text(json.dumps(settings))
    with pytest.raises(DslnasError, match="has another form") as caught:
        Run.open(run.path)
    assert caught.value.diagnostics[0].code == "N0701"
