"""Measurements of the forms of a network: what is measured, and what is told of what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.base.diagnostics import DslnasError
from dslnas.base.run_folder import BENCH
from dslnas.export import Export
from dslnas.export.bench import Form, Unavailable, measure, targets
from dslnas.report.reader.bench import benched
from dslnas.runs.run import Run


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch alone, in two rounds: other forms are exported by other tests."""
    monkeypatch.setattr(measure, "ROUNDS", 2)
    monkeypatch.setattr(measure, "SECONDS", 1e-3)
    for name in ("onnx", "int8", "c"):
        monkeypatch.setattr(measure, name, lambda *_, name=name, **__: Unavailable(name, "not here"))


def test_a_bench_is_printed_kept_and_reported(copy: Path, plain: None) -> None:
    result = CliRunner().invoke(app, ["bench", str(copy), "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout[result.stdout.index("{") :])
    assert said == json.loads((copy / BENCH).read_text(encoding="utf-8"))
    assert said["params"] == Export.of_run(Run.open(copy)).parameters
    (form,) = said["forms"]
    cases = {(one["clips"], one["threads"]) for one in form["times"]}
    assert {clips for clips, _ in cases} == {1, 32} and (1, 1) in cases
    assert all(one["milliseconds"] > 0 for one in form["times"])
    assert said["missing"] == {"onnx": "not here", "int8": "not here", "c": "not here"}
    assert said["machine"]["processor"] and said["activation_bytes"] > 0
    table = benched(copy)
    assert table is not None and table.rows[0][0] == "PyTorch" and "c, since not here" in table.missing
    assert said["machine"]["processor"] in table.machine


def test_what_is_not_installed_is_told(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "find_spec", lambda name: None)
    export = Export.of_run(Run.open(copy))
    for made in (targets.onnx(export, tmp_path), targets.c(export, tmp_path)):
        assert isinstance(made, Unavailable) and "pip install" in made.reason
    assert isinstance(targets.eager(export, tmp_path), Form)


def test_a_broken_file_of_measurements_is_told(copy: Path) -> None:
    (copy / BENCH).write_text('{"forms": [1]}', encoding="utf-8")
    with pytest.raises(DslnasError, match="holds no measurements"):
        benched(copy)
    (copy / BENCH).unlink()
    assert benched(copy) is None


def test_before_a_run_is_trained_there_is_nothing_to_measure(copy: Path) -> None:
    from dslnas.base.run_folder import WEIGHTS

    (copy / WEIGHTS).unlink()
    result = CliRunner().invoke(app, ["bench", str(copy)])
    assert result.exit_code == 1 and "no trained network" in result.output
