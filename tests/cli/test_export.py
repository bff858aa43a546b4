"""`dslnas export` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.run_folder import WEIGHTS


def run(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_a_run_is_exported_into_its_folder(copy: Path) -> None:
    said = json.loads(run("export", copy, "--json"))
    assert said["files"] == [str(copy / "network.py"), str(copy / "network.pt")]
    assert all(Path(path).is_file() for path in said["files"])
    assert said["trained"] and said["format"] == "python" and said["difference"] < 1e-5
    assert said["classes"] == ["class0", "class1", "class2"]


def test_a_genotype_is_exported_untrained_and_says_so(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "fresh.py"
    assert "not trained: seed 7" in run("export", copy / "genotype.json", "--seed", 7, "-o", out)
    assert "seed 7 draws them" in out.read_text(encoding="utf-8")


def test_before_a_run_is_trained_its_genotype_is_exported(copy: Path) -> None:
    (copy / WEIGHTS).unlink()
    assert not json.loads(run("export", copy, "--json"))["trained"]


@pytest.mark.parametrize(
    ("source", "message"),
    [("ss1", "ss1 holds no genotype"), ("nothing.json", "cannot be read"), (".", "is no run folder")],
)
def test_what_is_no_network_is_told(source: str, message: str) -> None:
    assert message in run("export", source, code=1)


def test_broken_weights_and_a_missing_folder_are_told(copy: Path, tmp_path: Path) -> None:
    assert "N0702" in run("export", copy, "-o", tmp_path / "no" / "such" / "file.py", code=1)
    (copy / WEIGHTS).write_bytes(b"none")
    assert "does not hold the network's weights" in run("export", copy, code=1)
    assert not (copy / "network.py").exists()
