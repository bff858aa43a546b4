"""`dslnas front`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_runs import invoke
from made_fronts import layered, write_searched

from dslnas.base.figures import between
from dslnas.base.run_folder import RunFolder


@pytest.fixture
def front(tmp_path: Path, tiny_runs: None) -> Path:
    return write_searched(tmp_path / "found", layered(tmp_path)).path


def test_the_front_is_shown_with_what_can_be_done_with_it(front: Path) -> None:
    result = invoke("front", str(front))
    assert result.exit_code == 0, result.output
    points = json.loads((front / "front.json").read_text())["points"]
    for point in points:
        assert f"{point['figures']['params']:,}" in result.stdout
    assert "knee" in result.stdout and f"dslnas train {front} --pick NUMBER" in result.stdout
    assert "accuracy" in result.stdout and "memory" not in result.stdout


def test_accuracies_stand_with_their_intervals(front: Path) -> None:
    points = json.loads((front / "front.json").read_text())["points"]
    RunFolder(front).update_metrics(search={"judged": 120})
    shown = invoke("front", str(front)).stdout
    for point in points:
        assert between(point["figures"]["accuracy"], 120) in shown


def test_other_bounds_are_answered_and_kept(front: Path) -> None:
    result = invoke("front", str(front), "--require", "params < 900", "--require", "macs < 1M", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["require"] == ["params < 900", "macs < 1M"] and said["compared_now"] == 0
    assert said["points"] == json.loads((front / "front.json").read_text())["points"]
    again = invoke("front", str(front), "--json")
    assert json.loads(again.stdout)["points"] == said["points"]


@pytest.mark.parametrize(
    ("bounds", "code", "told"),
    [
        ("params < 3", "N0601", "--require:1:1"),
        ("memory < 1KB", "N0603", "the nearest has memory"),
        ("params > 3", "N0301", "--require:1:8"),
        ("accuracy < 3", "N0301", "--require:1:1"),
        ("size < 3", "N0301", "size"),
    ],
)
def test_bounds_that_cannot_be_kept_or_read_are_told(front: Path, bounds: str, code: str, told: str) -> None:
    before = (front / "front.json").read_bytes()
    result = invoke("front", str(front), "--require", bounds, "--no-evolve")
    assert result.exit_code == 1 and f"error[{code}]" in result.stderr and told in result.stderr
    assert (front / "front.json").read_bytes() == before


def test_a_broken_front_is_made_again_and_what_is_no_search_is_refused(front: Path, searched: Path) -> None:
    (front / "front.json").write_text("{")
    result = invoke("front", str(front))
    assert result.exit_code == 0 and "knee" in result.stdout
    assert json.loads((front / "front.json").read_text())["points"]
    for folder in (searched, front / "nothing"):
        result = invoke("front", str(folder))
        assert result.exit_code == 1 and "error[N0701]" in result.stderr


def test_a_baseline_needs_a_genotype_and_a_supernet(front: Path, tmp_path: Path) -> None:
    for baseline, code in ((tmp_path / "layers.nas", "N0501"), (front, "N0701")):
        result = invoke("front", str(front), "--baseline", str(baseline))
        assert result.exit_code == 1 and f"error[{code}]" in result.stderr, result.output
