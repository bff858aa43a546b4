"""`dslnas explain` and the line that leads to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.diagnostics import CODES
from dslnas.base.explanations import explained, explanation


@pytest.mark.parametrize("code", explained())
def test_an_explanation_shows_all_there_is(code: str) -> None:
    result = CliRunner().invoke(app, ["explain", code.lower()], env={"COLUMNS": "300"})
    one = explanation(code)
    assert result.exit_code == 0
    shown = [line.strip() for line in result.stdout.splitlines()]
    assert shown[0] == f"{code}: {CODES[code]}"
    for files in (one.wrong.files, one.changed):
        for name, text in files.items():
            assert name in shown
            assert {line.strip() for line in text.splitlines()} <= set(shown)
    assert {f"$ {one.wrong.command}", f"$ {one.mended.command}"} <= set(shown)


def test_without_a_code_all_are_listed() -> None:
    result = CliRunner().invoke(app, ["explain"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for code in explained():
        assert f"{code}   {CODES[code]}" in result.stdout


def test_json_of_one_and_of_all() -> None:
    one = json.loads(CliRunner().invoke(app, ["explain", "N0302", "--json"]).stdout)
    assert [entry["code"] for entry in one] == ["N0302"]
    assert set(one[0]["wrong"]) == {"text", "files", "command"}
    every = json.loads(CliRunner().invoke(app, ["explain", "--json"]).stdout)
    assert [entry["code"] for entry in every] == explained() and one[0] in every


@pytest.mark.parametrize(
    ("code", "hint"), [("N3020", "did you mean `N0302`?"), ("colour", "`dslnas explain` lists")]
)
def test_an_unknown_code_is_a_usage_error(code: str, hint: str) -> None:
    result = CliRunner().invoke(app, ["explain", code], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert hint in result.stderr


def test_errors_end_with_where_to_read_on(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text("op a = x -> cnv(3)\nop a = x -> relu\n")
    result = CliRunner().invoke(app, ["check", str(path), str(tmp_path / "nowhere.nas")])
    assert result.stderr.splitlines()[-1] == "for more: dslnas explain N0102 N0201 N0202"
    again = CliRunner().invoke(app, ["plan", str(path)])
    assert again.stderr.splitlines()[-1].startswith("for more: dslnas explain N0")
    assert "for more" not in CliRunner().invoke(app, ["check", "ss1"]).output
