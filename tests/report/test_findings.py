"""What a report finds in a run: decisions, mistakes, numbers as people read them."""

from __future__ import annotations

import json
from pathlib import Path

from made_runs import CANDIDATES, DIGITS, write_run

from dslnas.report.fields import Tree
from dslnas.report.findings import (
    below_threshold,
    confusions,
    counts,
    decisions,
    duration,
    millions,
    mistakes,
    selections,
)
from dslnas.report.page import write_report
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


def test_pairs_are_decided_against_the_best_pair_that_their_node_dropped(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", nodes=3, epochs=4)
    last = read_run(folder).stage("search")[-1]
    choices, genotype = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("choices", "genotype")
    )
    wanted: dict[tuple[str, str, str], tuple[float, float]] = {}
    for id, node in choices["nodes"].items():
        node["pairs"], name = True, id.partition("/")[2]
        pairs = sorted(
            (
                (last.gamma[id][place] * weight, source, option)
                for place, source in enumerate(node["sources"])
                for option, weight in zip(CANDIDATES, last.alpha[f"{id}<-{source}"], strict=True)
            ),
            reverse=True,
        )
        genotype["cells"][node["cell"]]["nodes"][name] = [
            {"from": source, "op": option} for _, source, option in pairs[:2]
        ]
        for weight, source, option in pairs[:2]:
            wanted[node["cell"], f"{source} → {name}", option] = (weight, pairs[2][0])
    (folder / "choices.json").write_text(json.dumps(choices))
    (folder / "genotype.json").write_text(json.dumps(genotype))
    run = read_run(folder)
    found = decisions(run)
    assert {(one.cell, one.edge, one.chosen): (one.weight, one.second) for one in found} == wanted
    assert [one.margin for one in found] == sorted(one.margin for one in found)
    assert selections(run) == []
    assert "keeps 2 pairs" in write_report(folder).read_text()


def test_what_stayed_below_the_threshold_is_told(tmp_path: Path) -> None:
    below = [{"choice": "normal/n1<-a", "option": "skip_connect", "weight": 0.4321}]
    known = {"search": {"threshold": {"value": 0.85, "choices": 12, "below": below}}}
    head, line = below_threshold(Tree("metrics.json", known))
    assert head == "1 of 12 kept choices weigh no more than the threshold of 0.85"
    assert line == "normal/n1<-a: skip_connect, 0.432"
    folder = write_run(tmp_path / "run", nodes=3, epochs=4)
    metrics = json.loads((folder / "metrics.json").read_text())
    assert head not in write_report(folder).read_text()
    metrics["search"] |= known["search"]
    (folder / "metrics.json").write_text(json.dumps(metrics))
    assert head in write_report(folder).read_text()
    for broken in ({}, {"search": {"threshold": {"value": 0.85, "choices": 1, "below": 3}}}):
        assert below_threshold(Tree("metrics.json", broken)) == []


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
