"""The page of networks made by hand: its figures are those of the sweep, by size."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from generated import compared, reproduced
from repository import ROOT

from dslnas.runs.sweep.trials import load_sweeps

HEAD = "data,domain,space,method,search,accuracies,parameters_live"
ROWS = (
    '"fsdd, fold 1",real,Net,,,0.8 0.9,9000',
    '"fsdd, fold 2",real,Net,,,0.7 0.7,9000',
    '"fsdd, fold 1",real,Upto10k,random,A,0.75,8000',
    '"fsdd, fold 1",real,Upto10k,random,B,0.85,9500',
    '"fsdd, fold 2",real,Upto10k,random,A,0.9,8000',
    '"fsdd, fold 1",real,Wide,,,0.95,60000',
    '"fsdd, fold 1",real,Later,darts,A,,',
)


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "handmade.json").write_text(json.dumps({"title": "T", "table": "handmade.csv"}))
    (tmp_path / "handmade.csv").write_text("\n".join((HEAD, *ROWS)) + "\n")
    monkeypatch.setattr(reproduced, "RESULTS", tmp_path)
    reproduced.measured.cache_clear()


@pytest.mark.usefixtures("swept")
def test_each_size_says_what_won_and_shows_every_speaker() -> None:
    small, large = compared.compared().split("\n\n### ")
    assert small.startswith("### Up to 10,000 parameters") and large.startswith("Up to 100,000 parameters")
    assert "The best is Upto10k, found by random; +7.5 points to Net (made by hand), " in small
    assert "ahead with 1 of 2 speakers." in small
    assert "| Net | made by hand | 9,000 | 85.0 ± 7.1 (2) | 70.0 ± 0.0 (2) | 77.5 |" in small
    assert "| Upto10k | random | 8,000 to 9,500 | 80.0 ± 7.1 (2) | 90.0 (1) | 85.0 |" in small
    assert "| Wide | made by hand | 60,000 | 95.0 (1) | – | 95.0 |" in large
    assert "Later" not in small + large
    assert "handmade" not in reproduced.result_names()


def test_without_a_measurement_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduced, "RESULTS", tmp_path)
    assert compared.compared() == compared.NOT_YET


def test_the_sweep_tests_each_speaker_and_fold_with_every_network() -> None:
    sweeps = {one.name: one for one in load_sweeps(str(ROOT / "docs" / "sweeps" / "handmade.nas")).sweeps}
    parts = {"": ("fsdd", 4), "_sounds": ("esc10", 5)}
    for part, (data, folds) in parts.items():
        made, searched = sweeps[f"handmade{part}"], sweeps[f"searched{part}"]
        assert (made.retrains, searched.searches, searched.retrains) == (5, 5, 1)
        for sweep, count in ((made, 5), (searched, 6)):
            by_fold = Counter(one.fold for one in sweep.configurations)
            assert by_fold == {str(fold): count for fold in range(1, folds + 1)}
            assert {one.data for one in sweep.configurations} == {data}
    for name, count in (("handmade_words", 5), ("searched_words", 6)):
        assert Counter(one.data for one in sweeps[name].configurations) == {"sc09": count, "sc35": count}
