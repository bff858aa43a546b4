"""What a report finds in a run: decisions, mistakes, numbers as people read them."""

from __future__ import annotations

from pathlib import Path

from made_runs import CANDIDATES, DIGITS, write_run

from dslnas.report.findings import (
    confusions,
    counts,
    decisions,
    duration,
    millions,
    mistakes,
    selections,
)
from dslnas.report.rundata import Clip, Outcome, read_run


def test_the_closest_decisions_come_first(tmp_path: Path) -> None:
    run = read_run(write_run(tmp_path / "run", nodes=3, epochs=4))
    last = run.stage("search")[-1]
    found = decisions(run)
    assert len(found) == 12
    assert [one.margin for one in found] == sorted(one.margin for one in found)
    for one in found:
        source, node = one.edge.split(" → ")
        weights = sorted(last.alpha[f"{one.cell}/{node}<-{source}"])
        assert (one.weight, one.second) == (weights[-1], weights[-2])
        assert one.chosen in CANDIDATES and one.runner_up in CANDIDATES
    dropped = selections(run)
    assert {one.node for one in dropped} == {"n2", "n3"}  # n1 keeps both of its edges
    assert all(one.margin >= 0 for one in dropped)


def test_confusions_and_mistakes_are_ranked() -> None:
    clips = (
        Clip("1.wav", "a", "b", 0.6),
        Clip("2.wav", "a", "a", 0.99),
        Clip("3.wav", "b", "c", 0.9),
    )
    test = Outcome(("a", "b", "c"), ((8, 2, 0), (0, 5, 5), (1, 0, 0)), clips)
    assert [(one.true, one.predicted, one.count, one.share) for one in confusions(test)] == [
        ("b", "c", 5, 0.5),
        ("a", "b", 2, 0.2),
        ("c", "a", 1, 1.0),
    ]
    assert mistakes(test) == ([clips[2], clips[0]], 2)


def test_numbers_are_written_as_people_read_them() -> None:
    assert [duration(s) for s in (0, 9.24, 59.99, 127, 12000)] == [
        "0.0 s",
        "9.2 s",
        "60.0 s",
        "2 min 7 s",
        "3 h 20 min",
    ]
    assert [millions(n) for n in (None, 1_609_000, 99_999)] == [None, "1.609 M", "99,999"]
    assert (
        counts({"classes": 10, "train": 2400, "test": 300}) == "10 classes · 2,400 training · 300 test clips"
    )
    assert counts({"classes": list(DIGITS), "train": True}) == "10 classes"
