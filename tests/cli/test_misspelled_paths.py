"""A path that is not there is answered with one that is, in every command that takes one."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app


@pytest.mark.parametrize(
    ("command", "meant", "code"),
    [
        ("plan genotpye.json", "genotype.json", "N0501"),
        ("train genotpye.json", "genotype.json", "N0501"),
        ("print genotpye.json", "genotype.json", "N0501"),
        ("genotpye.json", "genotype.json", "N0501"),
        ("diff genotpye.json genotype.json", "genotype.json", "N0501"),
        ("render genotpye.json -o x.svg", "genotype.json", "N0501"),
        ("render runs/frist -o x.svg", "runs/first", "N0102"),
        ("plan runs/frist", "runs/first", "N0102"),
        ("report runs/frist", "runs/first", "N0701"),
        ("test runs/frist", "runs/first", "N0701"),
        ("predict runs/frist x.wav", "runs/first", "N0701"),
        ("run --resume runs/frist", "runs/first", "N0701"),
        ("check mien.nas", "mine.nas", "N0102"),
        ("fmt mien.nas", "mine.nas", "N0102"),
    ],
)
def test_what_is_meant_is_asked(
    command: str, meant: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs" / "first").mkdir(parents=True)
    for name in ("genotype.json", "mine.nas"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, command.split())
    assert result.exit_code == 1
    assert f"error[{code}]" in result.stderr and f"did you mean `{meant}`?" in result.stderr
