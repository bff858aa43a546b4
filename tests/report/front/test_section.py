"""The section of a search by sampling: what it says, what it draws, how it tells of broken files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_fronts import layered, write_searched
from recordings import refused
from report_pages import edit, page_of

from dslnas.base.figures import between
from dslnas.report.front.files import read_front
from dslnas.report.front.section import MOST_PICTURES, sentences
from dslnas.report.page import write_report
from dslnas.search.evolved.front_file import Front


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("searched")
    return write_searched(folder / "run", layered(folder), 16).path


@pytest.fixture
def run(searched: Path, tmp_path: Path) -> Path:
    """A copy with the files that are read, to be changed."""
    copy = tmp_path / "run"
    copy.mkdir()
    for path in searched.iterdir():
        if path.is_file() and path.suffix in (".json", ".jsonl", ".nas"):
            (copy / path.name).write_bytes(path.read_bytes())
    return copy


def front_of(run: Path) -> Front:
    found = read_front(run)
    assert found is not None
    return found


def test_every_network_of_the_front_is_told_with_the_command_that_trains_it(run: Path) -> None:
    _, page = page_of(run)
    text, front = page.text["front"], front_of(run)
    for point in front.points:
        assert f"dslnas train run --pick {point.number}" in text
        assert f"{point.figures['params']:,.0f}" in text
    assert len([one for one in page.pictures["front"] if "number" in one]) == min(
        MOST_PICTURES, len(front.points)
    )
    assert page.pictures["front"][:2] == [
        "accuracy against parameters",
        "hypervolume and share drawn at random",
    ]
    for choice, options in front.options.items():
        assert choice in text
        for option, count in options.items():
            assert (f"{option} × {count}" if count else option) in text
    assert "gap" not in page.text[""], "a search by sampling has none"
    assert "The network found" in page.text["cells"] and "Networks were compared" in page.text["honesty"]


def test_accuracies_stand_with_intervals_where_it_is_known_how_many_clips_judged(run: Path) -> None:
    assert "95 % interval" not in page_of(run)[1].text["front"]
    edit(run / "metrics.json", lambda data: data["search"].update(judged=120))
    text, front = page_of(run)[1].text["front"], front_of(run)
    assert "They are of 120 clips that trained no weight" in text
    for point in front.points:
        assert between(point.figures["accuracy"], 120) in text


def test_what_a_ranking_is_worth_is_told_or_that_nobody_measured_it(run: Path) -> None:
    assert "Not measured" in page_of(run)[1].text["front"]
    networks = [{"key": str(n), "inherited": 0.5 + n / 100, "retrained": 0.6 + n / 90} for n in range(6)]
    ranking = {"tau": 1.0, "interval": [0.4, 1.0], "steps": 200, "networks": networks}
    (run / "rank.json").write_text(json.dumps(ranking))
    _, page = page_of(run)
    assert "1.00 over 6 networks, with a certainty of 95 % from 0.40 to 1.00" in page.text["front"]
    assert "Not measured" not in page.text["front"]
    assert "retrained against accuracy with inherited weights" in page.pictures["front"]


def test_a_run_without_a_front_has_no_such_section(run: Path) -> None:
    (run / "front.json").unlink()
    text, page = page_of(run)
    assert "front" not in page.text and 'href="#front"' not in text


def test_an_empty_front_and_one_that_keeps_to_nothing_are_told_as_such(run: Path) -> None:
    edit(
        run / "front.json",
        lambda data: data.update(points=[one | {"feasible": False} for one in data["points"]]),
    )
    (said,) = sentences(front_of(run), 200)
    assert "None of the 8 networks" in said and "params < 1000" in said
    edit(run / "front.json", lambda data: data.update(points=[], options={}, hypervolume=[], shares=[]))
    assert "There is none." in page_of(run)[1].text["front"]


def test_a_bound_is_drawn_where_its_price_is_shown(run: Path) -> None:
    assert "required: parameters below 1,000" in page_of(run)[0]
    edit(run / "front.json", lambda data: data.update(require=["memory < 60KB", "no bound at all"]))
    assert "required:" not in page_of(run)[0]


def test_a_baseline_stands_in_the_picture(run: Path) -> None:
    baseline = {"name": "Plain", "figures": {"params": 900, "accuracy": 0.8}}
    (run / "baseline.json").write_text(json.dumps(baseline))
    assert "Plain: 900 parameters, 80.00 %" in page_of(run)[0]


def test_latencies_are_told_with_their_error(run: Path) -> None:
    seconds = {"relu 4 x 8 x 8": 2e-6, "conv(kernel: 3) 4 x 8 x 8": 2.5e-4}
    table = {"seconds": seconds, "factor": 1.25, "networks": 10, "error": 0.031, "machine": "a small one"}
    (run / "latency.json").write_text(json.dumps(table))
    text = page_of(run)[1].text["front"]
    assert text.index("250.0 µs") < text.index("2.0 µs") and "2 steps, the slowest first" in text
    assert "one thread of a small one" in text and "1.25 times the sum" in text
    assert "half of 10 whole networks are predicted to 3.1 % or better" in text


def test_broken_files_are_named(run: Path) -> None:
    for name, data, message in (
        ("baseline.json", {"figures": []}, "figures is no JSON object"),
        ("latency.json", {"seconds": {"relu": "fast"}}, "seconds of relu is no number"),
        ("rank.json", {"networks": [], "steps": "many"}, "steps is no whole number"),
        ("front.json", {"format": "dslnas-genotype"}, "this is no front"),
    ):
        kept = (run / name).read_bytes() if (run / name).is_file() else b""
        (run / name).write_text(json.dumps(data))
        refused("N0701", message, lambda: write_report(run))
        (run / name).write_bytes(kept) if kept else (run / name).unlink()


def test_hostile_texts_of_a_front_stay_text(run: Path) -> None:
    hostile = "<script>alert('x')</script> $\\frac{1}$ {{ 7 * 7 }}"

    def change(data: dict[str, Any]) -> None:
        data["options"] = {hostile: {hostile: 2}}
        data["require"] = [hostile]
        data["points"][0]["figures"][hostile] = 1.0

    edit(run / "front.json", change)
    (run / "baseline.json").write_text(
        json.dumps({"name": hostile, "figures": {"params": 1, "accuracy": 0.5}})
    )
    text, page = page_of(run)
    assert "script" not in page.tags and "<script" not in text and "49" not in page.text["front"]


def test_where_a_picked_network_comes_from_is_told(run: Path) -> None:
    pick = {"run": "keywords", "pick": "knee", "number": 3, "figures": {"accuracy": 0.81, "params": 12345}}
    edit(run / "metrics.json", lambda data: data.update(pick=pick))
    assert (
        "picked from the search keywords: number 3 of its front, by `knee`. In the search "
        "it had an accuracy of 81.00 %, 12,345 parameters" in page_of(run)[1].text["cells"]
    )


def test_an_ensemble_stands_beside_its_members_and_the_single_network(run: Path) -> None:
    def figures(right: float) -> dict[str, Any]:
        return {"accuracy": right, "macro_f1": right - 0.01, "clips": 40}

    ensemble = {"parts": "official", **figures(0.9), "members": [figures(0.8), figures(0.85)]}
    outcome = {"classes": ["a", "b"], "confusion": [[20, 0], [5, 15]], "clips": []}
    (run / "test.json").write_text(json.dumps(outcome))
    edit(run / "metrics.json", lambda data: data.update(test=figures(0.875), ensemble=ensemble))
    text = " ".join(page_of(run)[1].text["test"].split())
    for row in ("member 285.00 %", "mean of the 2 members90.00 %", "validation and test87.50 %"):
        assert row in text
    assert "official fold" in text
