"""A front asked again: what it is answered from, and what is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from made_fronts import layered, write_searched
from recordings import refused

from dslnas.methods.budget import Requirement, parse_requirements
from dslnas.runs.begin import start
from dslnas.runs.found.again import ask_again, compare, required
from dslnas.runs.found.compared import compared_in, genotypes_of
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
    for part in ("hypervolume", "reference", "shares", "population", "random_population"):
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
    least = min(one.figures["params"] for one in compared_in(run.path))
    refused("N0601", "no network of `Layers` keeps", lambda: ask_again(run, few_as(["params < 10"])))
    hard = few_as([f"params < {least:.0f}"])
    help = refused("N0603", "none of the 40 networks", lambda: ask_again(run, hard, evolve=False))
    assert f"the nearest has params {least:,.0f}" in help
    help = refused("N0701", "no supernet.safetensors", lambda: ask_again(run, hard))
    assert "--no-evolve" in help
    assert (run.path / "front.json").read_bytes() == front, "what there was stays"
    (run.path / "evaluations.jsonl").unlink()
    refused("N0701", "has compared no networks", lambda: ask_again(run, ()))


def test_a_front_that_is_gone_or_broken_is_made_again(run: Run) -> None:
    (run.path / "front.json").write_text("{}")
    found = ask_again(run, (), evolve=False)
    assert found.front.points and found.front.require == ()


# --- evolution goes on -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tones: Path, run_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a search by sampling that is done, with its supernet."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSLNAS_CACHE", str(run_cache))
        patch.setenv("OMP_NUM_THREADS", "1")
        start(layered(folder, f"folder:{tones}"), folder / "run", device="cpu").execute(until="search")
    return folder / "run"


@pytest.fixture
def searched(trained: Path, tmp_path: Path, tiny_runs: None) -> Run:
    return Run.open(shutil.copytree(trained, tmp_path / "run"))


def few(run: Run) -> Sequence[Requirement]:
    """A bound that two of the networks which were compared keep to: fewer than a population has."""
    sizes = sorted(one.figures["params"] for one in compared_in(run.path))
    bound = next(size for size in sizes if sum(other < size for other in sizes) >= 2)
    return parse_requirements(f"params < {bound}", "--require")


def test_where_too_little_was_compared_evolution_goes_on_without_a_new_supernet(searched: Run) -> None:
    before = (searched.path / "evaluations.jsonl").read_bytes()
    supernet = (searched.path / "supernet.safetensors").read_bytes()
    found = ask_again(searched, few(searched))
    after = (searched.path / "evaluations.jsonl").read_bytes()
    assert (
        found.new > 0 and after.startswith(before) and after.count(b"\n") == before.count(b"\n") + found.new
    )
    assert (searched.path / "supernet.safetensors").read_bytes() == supernet
    keys = [one.key for one in compared_in(searched.path)]
    assert len(set(keys)) == len(keys), "no network is compared twice"
    assert found.front.points and all(point.feasible for point in found.front.points)
    assert found.front.evaluations == len(keys)
    again = ask_again(searched, few_as(found.front.require))
    assert again.new == 0 and again.front.points == found.front.points


def few_as(texts: Sequence[str]) -> Sequence[Requirement]:
    return parse_requirements(", ".join(texts), "--require")


def test_a_killed_evolution_comes_to_the_same_front(searched: Run, tmp_path: Path) -> None:
    bounds = few(searched)
    other = Run.open(shutil.copytree(searched.path, tmp_path / "other"))
    ask_again(searched, bounds)
    lines = (searched.path / "evaluations.jsonl").read_bytes().splitlines(keepends=True)
    begun = len((other.path / "evaluations.jsonl").read_bytes().splitlines())
    killed = b"".join(lines[: begun + 3]) + lines[begun + 3][:20]
    (other.path / "evaluations.jsonl").write_bytes(killed)
    ask_again(other, bounds)
    for name in ("evaluations.jsonl", "front.json"):
        assert (other.path / name).read_bytes() == (searched.path / name).read_bytes()


def test_a_bound_that_evolution_does_not_reach_leaves_the_front_as_it_was(searched: Run) -> None:
    front = (searched.path / "front.json").read_bytes()
    refused("N0603", "keeps to memory < 1KB", lambda: ask_again(searched, few_as(["memory < 1KB"])))
    assert (searched.path / "front.json").read_bytes() == front


def test_a_latency_that_the_search_did_not_ask_for_is_measured_once(searched: Run) -> None:
    found = ask_again(searched, few_as(["latency < 1s"]))
    assert found.new == 0 and all(point.figures["latency"] > 0 for point in found.front.points)
    table = (searched.path / "latency.json").read_bytes()
    assert ask_again(searched, few_as(["latency < 1s"])).front == found.front
    assert (searched.path / "latency.json").read_bytes() == table


def test_a_network_of_ones_own_is_judged_as_the_others_were(searched: Run) -> None:
    compared = compared_in(searched.path)[:3]
    for one, genotype in zip(compared, genotypes_of(searched.experiment, compared), strict=True):
        figures = compare(searched, genotype, "mine")
        assert figures == one.figures
        assert json.loads((searched.path / "baseline.json").read_text()) == {
            "name": "mine",
            "figures": figures,
        }
    other = replace(genotype, choices=(("network/nothing", "3"),))
    refused("N0502", "mine", lambda: compare(searched, other, "mine"))
    (searched.path / "supernet.safetensors").unlink()
    refused("N0701", "to judge networks with", lambda: compare(searched, genotype, "mine"))
