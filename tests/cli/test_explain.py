"""`dslnas explain` and the line that leads to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.diagnostics import CODES
from dslnas.base.explanations import explained, explanation
from dslnas.editor.topics import named, topics


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
    assert [entry["code"] for entry in every if "code" in entry] == explained() and one[0] in every
    assert [(entry["name"], entry["group"]) for entry in every if "code" not in entry] == [
        (topic.name, topic.group) for topic in topics()
    ]
    (conv,) = json.loads(CliRunner().invoke(app, ["explain", "conv", "--json"]).stdout)
    assert conv in every and conv["parameters"]["stride"] == "a whole number, or a pair (frequency, time)"


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("N3020", "did you mean `N0302`?"),
        ("violin", "`dslnas explain` lists"),
        ("sep_cnv", "did you mean `sep_conv`?"),
        ("entropie", "did you mean `entropy`?"),
        ("search.travl", "did you mean `search.travel`?"),
    ],
)
def test_an_unknown_name_is_a_usage_error(code: str, hint: str) -> None:
    result = CliRunner().invoke(app, ["explain", code], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert hint in result.stderr


@pytest.mark.parametrize("name", dict.fromkeys(topic.name for topic in topics()))
def test_a_topic_shows_all_there_is(name: str) -> None:
    result = CliRunner().invoke(app, ["explain", name], env={"COLUMNS": "900"})
    assert result.exit_code == 0
    shown = [line.strip() for line in result.stdout.splitlines()]
    for topic in named(name, topics()):
        details = topic.details()
        assert {topic.signature, topic.group} <= set(shown) and (not topic.doc or topic.doc in shown)
        for text in (details.example, details.text):
            lines = {line.strip().removeprefix("$ ") for line in text.splitlines()}
            assert lines <= {line.removeprefix("$ ") for line in shown} | {""}
        for what, value in (*details.parameters, *details.facts):
            assert any(line.startswith(what) and line.endswith(value) for line in shown), (what, value)


@pytest.mark.parametrize(("typed", "name"), [("travel", "search.travel"), ("ss1", "SS1"), ("n0302", "N0302")])
def test_a_name_may_be_typed_in_short(typed: str, name: str) -> None:
    wanted = CliRunner().invoke(app, ["explain", name]).stdout
    assert CliRunner().invoke(app, ["explain", typed]).stdout == wanted != ""


def test_without_a_name_every_topic_is_listed() -> None:
    shown = CliRunner().invoke(app, ["explain"], env={"COLUMNS": "900"}).stdout.splitlines()
    for topic in topics():
        assert topic.group in [line.strip() for line in shown]
        assert any(line.split()[:1] == [topic.name] for line in shown), topic.name


def test_a_shell_completes_names() -> None:
    env = {"_DSLNAS_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "dslnas explain sep_"}
    done = CliRunner().invoke(app, [], env=env, prog_name="dslnas")
    assert "sep_conv" in done.stdout and "dil_conv" not in done.stdout


def test_errors_end_with_where_to_read_on(tmp_path: Path) -> None:
    path = tmp_path / "it.nas"
    path.write_text("op a = x -> cnv(3)\nop a = x -> relu\n")
    result = CliRunner().invoke(app, ["check", str(path), str(tmp_path / "nowhere.nas")])
    assert result.stderr.splitlines()[-1] == "for more: dslnas explain N0102 N0201 N0202"
    again = CliRunner().invoke(app, ["plan", str(path)])
    assert again.stderr.splitlines()[-1].startswith("for more: dslnas explain N0")
    assert "for more" not in CliRunner().invoke(app, ["check", "ss1"]).output
