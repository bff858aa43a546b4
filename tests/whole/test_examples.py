"""The spaces of `docs/examples`, written by copying the tutorial: checked, and planned on recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from generated.examples import run_command
from repository import ROOT

from dslnas.check.check import check_file

EXAMPLES = ROOT / "docs" / "examples"
FILES = sorted(EXAMPLES.glob("*.nas"))


def test_there_are_three() -> None:
    assert len(FILES) >= 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_well_formed_and_canonical(path: Path) -> None:
    assert check_file(path) == []
    assert run_command(f"dslnas fmt --check {path}", path.parent).exit_code == 0
    assert path.read_text(encoding="utf-8").startswith(f"# {path.stem.capitalize()}: ")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_planned_on_a_folder_of_recordings(path: Path, tones: Path) -> None:
    arguments = f"--data folder:{tones} --preset quick --json"
    result = run_command(f"dslnas plan {path} {arguments}", tones)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["data"]["classes"] == 3
    assert figures["choices"] > 1 and figures["size"] > 100
    dry = run_command(f"dslnas run {path} --dry-run {arguments.replace('--preset quick ', '')}", tones)
    assert json.loads(dry.stdout)["size"] == figures["size"]
