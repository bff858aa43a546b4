"""`dslnas toy`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from cli.app import app
from dslnas.search.relaxed.toy import Trajectory, descend

PUBLISHED = [
    (0.0, 659, 2.00, 2.00),
    (0.3, 411, 1.25, 1.25),
    (0.5, 296, 1.00, 1.01),
    (0.7, 335, 0.83, 0.83),
]


@cache
def found(xi: float) -> Trajectory:
    return descend(xi)


def test_the_command_says_one_descent_as_json() -> None:
    result = CliRunner().invoke(app, ["toy", "--xi", "0.5", "--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (said["xi"], said["iterations"]) == (0.5, 296)
    assert (said["alpha"], said["w"]) == (found(0.5).alpha, found(0.5).w)


def test_the_command_tells_and_draws_the_four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dslnas.search.relaxed.toy.descend", found)
    result = CliRunner().invoke(app, ["toy"])
    assert result.exit_code == 0
    for xi, iterations, *_ in PUBLISHED:
        assert [f"{xi:g}", str(iterations)] in [line.split()[:2] for line in result.stdout.splitlines()]
    texts = "".join(ElementTree.parse(tmp_path / "toy.svg").getroot().itertext())
    assert all(f"xi = {xi:g}: {iterations} iterations" in texts for xi, iterations, *_ in PUBLISHED)


def test_an_unknown_picture_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("dslnas.search.relaxed.toy.descend", found)
    result = CliRunner().invoke(app, ["toy", "--xi", "0.5", "-o", str(tmp_path / "toy.gif")])
    assert result.exit_code == 1 and "the suffix `.gif` names no format" in result.stderr
    assert not list(tmp_path.iterdir())
