"""`dslnas plan`: tables, JSON, genotypes, and the mistakes that people make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from dslnas.base.run_folder import GENOTYPE
from dslnas.ir.genotype import Cell, Edge, Genotype, Node, to_json
from dslnas.runs.begin import start
from dslnas.runs.load import load
from dslnas.runs.request import Request

SMALL = ["nodes=1", "repeat=1", "channels=4"]  # quick to plan
SMALL_OPTIONS = [word for setting in SMALL for word in ("--set", setting)]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["plan", *arguments], env={"COLUMNS": "160"})


def planned(*arguments: str) -> dict[str, Any]:
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def genotype_json(space: str = "SS1", nodes: int = 1) -> dict[str, Any]:
    """A genotype of SS1: every node keeps its inputs `a` and `b` with a pool."""
    edges = (Edge("a", "max_pool_3x3"), Edge("b", "max_pool_3x3"))
    names = tuple(f"n{number}" for number in range(1, nodes + 1))
    cells = tuple(
        Cell(kind, ("a", "b"), tuple(Node(name, edges) for name in names), names)
        for kind in ("normal", "reduction")
    )
    experiment = load("ss1", Request(overrides=SMALL))
    return to_json(Genotype(space, experiment.space_hash, "darts", cells))


def test_the_published_count_needs_no_flag_and_no_data() -> None:
    result = invoke("ss1", "--data", "sc09")
    assert result.exit_code == 0 and "1.609 M" in result.stdout
    assert "preset paper" in result.stdout and "quick" in result.stdout


def test_the_tables_say_what_was_asked_for() -> None:
    shown = invoke("ss1", "--data", "sc09", "--set", "search.epochs=7", "--preset", "quick").stdout
    assert "4.485e+12" in shown  # genotypes
    assert "GiB" in shown  # the peak of a step
    assert "a: relu conv shift conv concat bn" in shown  # what an adapter becomes
    assert "--set search.epochs" in shown  # where a setting comes from
    assert "mask_freq" in shown and "1 x 32 x 32" in shown
    assert "preset quick" in shown


def test_options_reach_the_plan() -> None:
    usual = planned("ss1", "--data", "sc09", *SMALL_OPTIONS)
    assert usual["preset"] == "paper" and usual["method"] == "forcedarts"
    more = ["channels=2", "method=fairdarts"]
    smaller = planned("ss1", "--preset", "quick", *SMALL_OPTIONS, "--set", more[0], "--set", more[1])
    assert smaller["data"]["name"] == "digits" and smaller["preset"] == "quick"
    assert smaller["method"] == "fairdarts" and smaller["settings"]["set"] == [*SMALL, *more]
    assert smaller["params"]["supernet"] < usual["params"]["supernet"]


def test_a_folder_of_recordings_is_read_for_its_classes(tmp_path: Path) -> None:
    for name in ("yes", "no", "perhaps"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.wav").write_bytes(b"")
    assert planned("ss1", "--data", f"folder:{tmp_path}", *SMALL_OPTIONS)["data"]["classes"] == 3


def test_a_genotype_of_a_shipped_space(tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    path.write_text(json.dumps(genotype_json()))
    data = planned(str(path), "--data", "sc09", *SMALL_OPTIONS)
    assert data["params"]["live"] == data["params"]["pruned"]["min"] and data["warnings"] == []
    shown = invoke(str(path), "--space", "ss1", "--data", "sc09", *SMALL_OPTIONS).stdout
    assert "this genotype" in shown and f"{data['params']['live']:,}" in shown


def test_a_genotype_in_a_run_folder_is_planned_as_its_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    experiment = load("ss1", Request(data="fsdd", overrides=[*SMALL, "method=forcedarts"], seed=3))
    start(experiment, run)
    (run / GENOTYPE).write_text(json.dumps(genotype_json()))
    for name in (run, run / GENOTYPE):
        data = planned(str(name))
        assert data["data"]["name"] == "fsdd" and data["preset"] == "quick" and data["method"] == "forcedarts"
        assert data["settings"]["search"]["channels"] == 4 and data["settings"]["seed"] == 3
        assert data["params"]["live"] > 0 and data["warnings"] == []
    other = planned(str(run), "--data", "sc35", "--preset", "paper")["data"]
    assert (other["name"], other["classes"]) == ("sc35", 35)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["no_such_space"], "N0102", "shipped spaces"),
        (["ss1", "--data", "digit"], "N0604", "did you mean `digits`?"),
        (["ss1", "--set", "search.epoch=3"], "N0603", "did you mean `search.epochs`?"),
        (["ss1", "--set", "search.epochs"], "N0603", "KEY=VALUE"),
        (["ss1", "--set", "search.epochs=many"], "N0301", "search.epochs"),
        (["ss1", "--set", "method=dart"], "N0201", "did you mean `darts`?"),
        (["ss1", "--set", "domain=imaginary"], "N0301", "domain"),
        (["ss1", "--set", "search.epochs=[bold]"], "N01", "[bold]"),
        (["missing.json"], "N0501", "missing.json"),
        ([".", "--data", "sc09"], "N0701", "no run folder"),
    ],
)
def test_mistakes_are_told_and_exit_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*arguments)
    assert result.exit_code == 1
    assert f"error[{code}" in result.stderr and says in result.stderr
    assert result.stdout == "" and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "N0501"),
        ("{}", "N0501"),
        ("[" * 100_000, "N0501"),
        (json.dumps({**genotype_json(), "version": 99}), "N0501"),
        (json.dumps(genotype_json(space="Elsewhere")), "N0502"),
        (json.dumps(genotype_json(nodes=2)), "N0502"),
    ],
)
def test_broken_genotypes(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "genotype.json"
    path.write_text(content)
    result = invoke(str(path), "--data", "sc09", *SMALL_OPTIONS)
    assert result.exit_code == 1 and f"error[{code}]" in result.stderr


def test_a_run_folder_with_broken_settings(tmp_path: Path) -> None:
    run = tmp_path / "run"
    start(load("ss1", Request(overrides=SMALL)), run)
    (run / "settings.json").write_text("[1, 2")
    result = invoke(str(run))
    assert result.exit_code == 1 and "error[N0701]" in result.stderr
