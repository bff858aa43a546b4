"""A sample of compared networks, trained anew and ranked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_fronts import layered, write_searched
from recordings import refused

from dslnas.runs.found import rank as ranking
from dslnas.runs.found.compared import compared_in
from dslnas.runs.found.kendall import correlation
from dslnas.runs.found.rank import drawn, rank
from dslnas.runs.run import Run
from dslnas.search.evolved.archive import By, Entry
from dslnas.train.observer import Silent


@pytest.fixture
def run(tones: Path, tmp_path: Path, tiny_runs: None) -> Run:
    return write_searched(tmp_path / "run", layered(tmp_path, f"folder:{tones}"), 12)


def compared(evolved: int, by_chance: int) -> list[Entry]:
    kinds: list[By] = ["evolution"] * evolved + ["random"] * by_chance
    return [Entry(str(place), {}, {"accuracy": place}, by, 1) for place, by in enumerate(kinds)]


def test_a_sample_is_of_random_search_where_that_is_large_enough() -> None:
    found = drawn(compared(10, 6), 5, 0)
    assert found.of == "random" and found.among == 6 and len(found.networks) == 5
    assert {one.by for one in found.networks} == {"random"}
    assert drawn(compared(10, 4), 5, 0).of == "all"
    assert len(drawn(compared(2, 1), 20, 0).networks) == 3
    assert drawn(compared(10, 4), 5, 0, first=1).of == "first", "of the generations that are random"
    assert drawn(compared(10, 0), 11, 0, first=1).of == "all"
    assert drawn(compared(10, 10), 8, 0).networks[:5] == drawn(compared(10, 10), 5, 0).networks
    assert drawn(compared(10, 10), 8, 0) != drawn(compared(10, 10), 8, 1)


def test_the_result_is_kept_and_asked_again_nothing_is_trained(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = rank(run, 3, steps=2)
    assert json.loads((run.path / "rank.json").read_text()) == result
    keys = {one.key: one.figures["accuracy"] for one in compared_in(run.path)}
    assert [keys[one["key"]] for one in result["networks"]] == [
        one["inherited"] for one in result["networks"]
    ]
    inherited, retrained = ([one[side] for one in result["networks"]] for side in ("inherited", "retrained"))
    assert (result["tau"], result["n"]) == (correlation(inherited, retrained).tau, 3)
    trained: list[int] = []
    real = ranking.trained_anew
    monkeypatch.setattr(ranking, "trained_anew", lambda *told: trained.append(1) or real(*told))
    assert rank(run, 3, steps=2) == result and not trained
    more = rank(run, 4, steps=2)
    assert more["networks"][:3] == result["networks"] and len(trained) == 1
    assert rank(run, 2, steps=1)["n"] == 2 and len(trained) == 3, "another length is another figure"


def test_a_killed_ranking_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rank(run, 3, steps=2)
    (run.path / "rank.json").unlink()
    real = ranking.trained_anew
    done: list[float] = []

    def killed(*told: object) -> float:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(real(*told))  # type: ignore[arg-type]
        return done[-1]

    monkeypatch.setattr(ranking, "trained_anew", killed)
    with pytest.raises(KeyboardInterrupt):
        rank(run, 3, steps=2)
    assert len(json.loads((run.path / "rank.json").read_text())["networks"]) == 2
    monkeypatch.setattr(ranking, "trained_anew", real)
    assert rank(run, 3, steps=2) == whole


def test_progress_goes_on_over_all_trainings(run: Run) -> None:
    seen: list[tuple[str, int]] = []

    class Watching(Silent):
        def begin(self, stage: str, total: int) -> None:
            seen.append((stage, total))

        def advance(self, stage: str, done: int, **figures: float) -> None:
            if stage == "rank":
                seen.append((stage, done))

    rank(run, 2, steps=3, observer=Watching())
    of_ranks = [count for stage, count in seen if stage == "rank"]
    assert of_ranks[0] == 6 and of_ranks[1:] == sorted(of_ranks[1:]) and of_ranks[-1] == 6


def test_a_run_that_compared_nothing_is_refused(run: Run) -> None:
    (run.path / "rank.json").write_text('{"steps": 2, "seed": 0, "networks": [{}]}')
    refused("N0701", "this is no ranking", lambda: rank(run, 2, steps=2))
    (run.path / "evaluations.jsonl").unlink()
    refused("N0701", "has no networks", lambda: rank(run, 2, steps=2))
