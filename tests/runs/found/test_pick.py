"""Picks from a front: by number, as the knee, by what a network must keep to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_fronts import layered, write_searched
from recordings import refused
from report_pages import edit

from dslnas.methods.budget import parse_requirements
from dslnas.runs.found.compared import compared_in
from dslnas.runs.found.pick import closest, keeps, picked
from dslnas.runs.run import Run
from dslnas.search.evolved.archive import Entry


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("searched")
    return write_searched(folder / "run", layered(folder))


def points(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((run.path / "front.json").read_text())["points"]
    return found


def test_a_number_and_the_knee_pick_what_stands_there(run: Run) -> None:
    for point in points(run):
        pick = picked(run.path, str(point["number"]), run.experiment)
        assert pick.number == point["number"] and pick.figures == point["figures"]
        assert dict(pick.genotype.choices) == point["genotype"]["choices"]
    (knee,) = (point["number"] for point in points(run) if point["knee"])
    assert picked(run.path, "knee", run.experiment).number == knee


@pytest.mark.parametrize("bound", [450, 700, 1200])
def test_a_requirement_picks_the_most_accurate_of_all_that_keep_to_it(run: Run, bound: int) -> None:
    pick = picked(run.path, f"params < {bound}", run.experiment)
    compared = [one.figures for one in compared_in(run.path)]
    kept = [one for one in compared if one["params"] < bound]
    assert pick.figures in kept
    assert pick.figures["accuracy"] == max(one["accuracy"] for one in kept)
    assert all(
        option in run.experiment.evaluation.choices[id].options for id, option in pick.genotype.choices
    )


def test_a_pick_says_where_it_comes_from(run: Run) -> None:
    pick = picked(run.path, "2", run.experiment)
    assert pick.to_json("mine") == {"run": "mine", "pick": "2", "number": 2, "figures": dict(pick.figures)}


def test_what_cannot_be_picked_is_told_with_what_can(run: Run, tmp_path: Path) -> None:
    count = len(points(run))
    help = refused("N0603", "has no number 99", lambda: picked(run.path, "99", run.experiment))
    assert f"1 to {count}" in help
    help = refused("N0603", "keeps to params < 10", lambda: picked(run.path, "params < 10", run.experiment))
    least = min(one.figures["params"] for one in compared_in(run.path))
    assert f"the nearest has params {least:.0f}" in help and "dslnas front" in help
    refused("N0701", "has no front.json", lambda: picked(tmp_path, "knee", run.experiment))


def test_without_a_knee_a_number_is_asked_for(tmp_path: Path) -> None:
    run = write_searched(tmp_path / "run", layered(tmp_path), 8)
    edit(run.path / "front.json", lambda data: [one.update(knee=False) for one in data["points"]])
    refused("N0603", "has no knee", lambda: picked(run.path, "knee", run.experiment))


@given(st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 2000)), min_size=1), st.integers(1, 2000))
def test_the_closest_breaks_bounds_no_more_than_any_other(costs: list[tuple[int, int]], bound: int) -> None:
    required = parse_requirements(f"params < {bound}, macs < {2 * bound}", "--require")
    found = [Entry(str(n), {}, {"params": p, "macs": m}, "random", 1) for n, (p, m) in enumerate(costs)]
    nearest = closest(found, required)
    assert nearest is not None
    if any(keeps(one.figures, required) for one in found):
        assert all(one.excess(nearest.figures[one.price]) == 0 for one in required)
    assert not keeps({"params": 1.0}, required), "a figure that is not known keeps to nothing"
    assert closest([Entry("a", {}, {"params": 1.0}, "random", 1)], required) is None
