"""A front asked again: what it is answered from, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_fronts import layered, write_searched
from recordings import refused

from dslnas.methods.budget import parse_requirements
from dslnas.runs.found.again import ask_again, required
from dslnas.runs.found.compared import compared_in
from dslnas.runs.found.pick import picked
from dslnas.runs.run import Run
from dslnas.runs.searches.sampled import sampled
from dslnas.search.evolved.front_file import front_json


@pytest.fixture
def run(tmp_path: Path, tiny_runs: None) -> Run:
    return write_searched(tmp_path / "run", layered(tmp_path))


def test_bounds_are_answered_from_what_was_compared(run: Run) -> None:
    lines = (run.path / "evaluations.jsonl").read_bytes()
    bound = parse_requirements("params < 900", "--require")
    found = ask_again(run, bound)
    assert found.new == 0 and (run.path / "evaluations.jsonl").read_bytes() == lines
    assert all(point.feasible and point.figures["params"] < 900 for point in found.front.points)
    compared = [one.figures for one in compared_in(run.path) if one.figures["params"] < 900]
    for one in compared:
        assert any(
            point.figures["params"] <= one["params"] and point.figures["accuracy"] >= one["accuracy"]
            for point in found.front.points
        ), "nothing that was compared is better than the front"
    assert json.loads((run.path / "front.json").read_text()) == json.loads(
        json.dumps(front_json(found.front))
    )
    last = found.front.points[-1]
    assert picked(run.path, str(last.number), run.experiment).figures == last.figures


def test_how_the_search_went_is_told_as_it_was(run: Run) -> None:
    before = json.loads((run.path / "front.json").read_text())
    ask_again(run, parse_requirements("macs < 1M", "--require"))
    after = json.loads((run.path / "front.json").read_text())
    for part in ("hypervolume", "reference", "shares", "random_population"):
        assert after[part] == before[part]
    assert after["require"] == ["macs < 1M"]
    assert all(one["figures"]["macs"] < 1e6 for one in after["random"])


def test_what_is_asked_replaces_what_the_method_says_of_the_same_figure(tmp_path: Path) -> None:
    method = sampled(layered(tmp_path, "fsdd", "method.require=params < 1000, memory < 50KB"))
    asked = parse_requirements("params < 2000, macs < 1M", "--require")
    assert [one.text for one in required(method, asked)] == ["params < 2000", "macs < 1M", "memory < 50KB"]
    assert required(method, ()) == method.require


def test_what_cannot_be_answered_is_told_with_the_nearest(run: Run, tmp_path: Path) -> None:
    front = (run.path / "front.json").read_bytes()
    impossible = parse_requirements("params < 10", "--require")
    least = min(one.figures["params"] for one in compared_in(run.path))
    help = refused("N0603", "none of the 40 networks", lambda: ask_again(run, impossible, evolve=False))
    assert f"the nearest has params {least:,.0f}" in help
    help = refused("N0701", "no supernet.safetensors", lambda: ask_again(run, impossible))
    assert "--no-evolve" in help
    slow = parse_requirements("latency < 5ms", "--require")
    refused("N0603", "did not measure `latency`", lambda: ask_again(run, slow))
    assert (run.path / "front.json").read_bytes() == front, "what there was stays"
    (run.path / "evaluations.jsonl").unlink()
    refused("N0701", "has compared no networks", lambda: ask_again(run, ()))


def test_a_front_that_is_gone_or_broken_is_made_again(run: Run) -> None:
    (run.path / "front.json").write_text("{}")
    found = ask_again(run, (), evolve=False)
    assert found.front.points and found.front.require == ()
