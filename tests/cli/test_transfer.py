"""`dslnas transfer`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recordings import make_recordings
from typer.testing import CliRunner

from cli.app import app


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Five classes, of which the network of the runs knows three."""
    return f"folder:{make_recordings(tmp_path_factory.mktemp('other') / 'five', classes=5)}"


def test_the_command_says_what_it_found(copy: Path, five: str, tiny_runs: None) -> None:
    result = CliRunner().invoke(app, ["transfer", str(copy), "--data", five, "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["run"], said["network_classes"]) == (str(copy), ["class0", "class1", "class2"])
