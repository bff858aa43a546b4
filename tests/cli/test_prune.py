"""`dslnas prune`: what it prints of a run before and after, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.prune import show


def test_a_run_that_is_not_trained_is_refused(searched: Path) -> None:
    result = CliRunner().invoke(app, ["prune", str(searched), "--method", "l1", "--nodes", "1/2"])
    assert result.exit_code == 1
    assert "holds no trained network yet" in result.output
    assert "Traceback" not in result.output


def test_before_and_after_and_the_kept_nodes_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found = {
        "of": "run",
        "method": "taylor",
        "nodes": {"before": 4, "after": 2},
        "params": {"before": 2000, "after": 1000},
        "macs": {"before": 30000, "after": 20000},
        "test": {"before": None},
        "kept": {"network/normal_1": ["n1", "n2"], "network/reduction_1": []},
    }
    show({"pruning": found, "test": {"accuracy": 0.5}})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["parameters", "2,000", "1,000"] in lines
    assert ["test", "accuracy", "50.00", "%"] in lines
    assert ["network/normal_1", "n1,", "n2"] in lines
    assert ["network/reduction_1", "none"] in lines
