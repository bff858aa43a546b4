"""The page of networks made by hand: its figures are those of the sweep, by size."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from generated import compared, reproduced
from generated.scatter import _LINE, _WIDTH, _apart, _legend
from repository import ROOT

from dslnas.runs.sweep.trials import load_sweeps

HEAD = "data,domain,space,method,search,accuracies,parameters_live"
ROWS = (
    '"fsdd, fold 1",real,Net,,,0.85 0.85,9000',
    '"fsdd, fold 2",real,Net,,,0.7 0.7,9000',
    '"fsdd, fold 1",real,Upto10k,darts,A,0.75,8000',
    '"fsdd, fold 1",real,Upto10k,darts,B,0.75,9500',
    '"fsdd, fold 2",real,Upto10k,darts,A,0.95,8000',
    '"fsdd, fold 2",real,Upto10k,darts,B,0.95,8000',
    '"fsdd, fold 1",real,Upto10k,random,A,0.45,8000',
    '"fsdd, fold 2",real,Upto10k,random,A,0.55,8000',
    '"fsdd, fold 1",real,Wide,,,0.95,60000',
    '"fsdd, fold 1",real,Later,darts,A,,',
    "words,real,Net,,,0.5,9000",
    "words,real,Other,darts,A,0.7,8000",
    "words,real,Other,random,A,0.3,8000",
    "words,real,Third,darts,A,0.6,8000",
    "words,real,Third,random,A,0.5,8000",
    "words,real,Huge,,,0.5,900000",
)


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "handmade.json").write_text(json.dumps({"title": "T", "table": "handmade.csv"}))
    (tmp_path / "handmade.csv").write_text("\n".join((HEAD, *ROWS)) + "\n")
    monkeypatch.setattr(reproduced, "RESULTS", tmp_path)
    reproduced.measured.cache_clear()
    yield
    reproduced.measured.cache_clear()


@pytest.mark.usefixtures("swept")
def test_each_size_says_what_a_search_is_worth_and_shows_every_fold() -> None:
    fsdd, words = compared.compared().split("\n\n### ")
    assert fsdd.startswith("### fsdd") and words.startswith("words")
    assert "**Up to 10,000 parameters**, Upto10k (darts) reaches 85.0 (" in fsdd
    assert (
        "+7.5 points (-10.0 to +25.0) to Net, the best made by hand, which does not tell them apart; " in fsdd
    )
    assert "+35.0 points (+30.0 to +40.0) to genotypes drawn at random, better." in fsdd
    assert "| 10,000 | Net | made by hand | 9,000 | 85.0 | 70.0 | 77.5 (70.0 to " in fsdd
    assert "| 10,000 | Upto10k | darts | 8,000 to 9,500 | 75.0 | 95.0 | 85.0 (75.0 to 95.0) | 4 |" in fsdd
    assert "| 100,000 | Wide | made by hand | 60,000 | 95.0 | – | 95.0 (95.0 to 95.0) | 1 |" in fsdd
    other, third = (line for line in words.splitlines() if line.startswith("**Up to"))
    assert "Other (darts) reaches 70.0" in other and "+40.0 points (+40.0 to +40.0) to genotypes" in other
    assert "Third (darts) reaches 60.0" in third and "+10.0 points (+10.0 to +10.0) to genotypes" in third
    assert "Up to 100,000" not in fsdd, "nothing of that size was searched for"
    assert "Later" not in fsdd + words
    assert "handmade" not in reproduced.result_names()
    assert set(compared.pictures()) == {"pictures/by_hand-fsdd.svg", "pictures/by_hand-words.svg"}
    assert compared.pictures()["pictures/by_hand-fsdd.svg"].count("<circle") == 3 + 4  # kinds and dots


def test_an_interval_pairs_folds_and_is_a_point_where_nothing_varies() -> None:
    alike = {"1": (0.75, 0.75), "2": (0.5, 0.5)}
    assert compared.interval(alike, alike) == compared.Interval(0, 0, 0)
    shifted = {fold: tuple(one + 0.25 for one in found) for fold, found in alike.items()}
    ahead = compared.interval(shifted, alike)
    assert (ahead.mean, ahead.low, ahead.high) == (0.25, 0.25, 0.25) and ahead.decided
    assert compared.interval(alike) == compared.Interval(0.625, 0.5, 0.75)  # both folds may be drawn twice
    found = compared.interval({"": (0.0, 1.0) * 50})
    assert found.mean == 0.5 and found.high - found.low == pytest.approx(2 * 1.96 * 0.05, abs=0.02)


def test_without_a_measurement_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduced, "RESULTS", tmp_path)
    assert compared.compared() == compared.NOT_YET


def test_the_sweep_tests_each_speaker_and_fold_with_every_network() -> None:
    sweeps = {one.name: one for one in load_sweeps(str(ROOT / "docs" / "sweeps" / "handmade.nas")).sweeps}
    parts = {"": ("fsdd", 4), "_sounds": ("esc10", 5)}
    for part, (data, folds) in parts.items():
        made, searched = sweeps[f"handmade{part}"], sweeps[f"searched{part}"]
        assert (made.retrains, searched.searches, searched.retrains) == (5, 5, 1)
        for sweep, count in ((made, 5), (searched, 12)):
            by_fold = Counter(one.fold for one in sweep.configurations)
            assert by_fold == {str(fold): count for fold in range(1, folds + 1)}
            assert {one.data for one in sweep.configurations} == {data}
    for name, count in (("handmade_words", 5), ("searched_words", 12)):
        assert Counter(one.data for one in sweeps[name].configurations) == {"sc09": count, "sc35": count}


def test_no_label_of_a_picture_covers_another() -> None:
    places = [(10.0, 50.0), (20.0, 52.0), (12.0, 55.0), (300.0, 51.0)]
    heights = _apart(places)
    assert heights == [50.0, 62.0, 74.0, 51.0]


def test_a_legend_stays_within_the_picture_on_as_many_lines_as_it_takes() -> None:
    one = _legend(["made by hand", "random"])
    assert len({height for _, height in one}) == 1 and one[0][0] < one[1][0]
    many = _legend(["a name of some length"] * 12)
    assert len(set(many)) == 12 and all(0 < left < _WIDTH for left, _ in many)
    assert sorted({height for _, height in many}) == [14 + _LINE * line for line in range(4)]
