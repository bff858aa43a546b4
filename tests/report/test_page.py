"""The report page: complete for a finished run, honest for an unfinished one, safe for any names."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_runs import write_run
from report_pages import edit, page_of

from dslnas.base.diagnostics import DslnasError
from dslnas.report.findings import (
    chosen_operations,
    decisions,
)
from dslnas.report.page import write_report
from dslnas.report.rundata import FILES, read_run


def test_a_finished_run_has_every_section(tmp_path: Path) -> None:
    _, page = page_of(write_run(tmp_path / "run", epochs=6))
    assert page.pictures == {
        "cells": ["cells: normal, reduction"],
        "search": [
            f"{what} of cell {cell}"
            for cell in ("normal", "reduction")
            for what in ("final weights", "candidate weights", "edge weights")
        ],
        "learning": ["learning curves: The search", "learning curves: The training from scratch"],
        "test": ["confusion matrix"],
    }
    assert "not there" not in " ".join(page.text.values()).lower()


def test_the_headline_figures_are_those_of_the_metrics(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=4)
    edit(run / "metrics.json", lambda data: data["test"].update(accuracy=0.98765, macro_f1=0.975, clips=1234))
    head = page_of(run)[1].text[""]
    for figure in (
        "98.77 %",
        "97.50 %",
        "on 1,234 clips",
        "95 % interval 98.0 to 99.2 %",
        "0.412 M",
        "0.988 M with dead edges",
        "3 min 53 s",
    ):
        assert figure in head
    gap = json.loads((run / "metrics.json").read_text())["search"]["gap"]
    assert f"{gap:.3f}" in head


def test_the_page_fetches_nothing_and_repeats_no_id(tmp_path: Path) -> None:
    text, page = page_of(write_run(tmp_path / "run", epochs=4))
    assert [link for link in page.fetched if not link.startswith("#")] == []
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert "script" not in page.tags and "link" not in page.tags and "image" not in page.tags
    assert len(page.identifiers) == len(set(page.identifiers))
    assert {link[1:] for link in page.fetched} <= set(page.identifiers)


def test_the_same_run_gives_the_same_page(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=4)
    first = write_report(run).read_bytes()
    assert write_report(run).read_bytes() == first
    assert sorted(path.name for path in run.iterdir()) == sorted([*FILES, "report.html"])


def test_a_long_search_still_makes_a_small_page(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=3, epochs=60)
    assert write_report(run).stat().st_size < 3_000_000


@pytest.mark.parametrize("missing", FILES)
def test_any_file_may_be_missing(tmp_path: Path, missing: str) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=2)
    (run / missing).unlink()
    _, page = page_of(run)
    assert missing in page.text["reproduce"]
    everything = " ".join(page.text.values())
    assert "ot there" in everything or "has no" in everything


def test_a_run_that_only_searched_says_what_is_to_come(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=3)
    (run / "test.json").unlink()
    (run / "metrics.json").unlink()
    lines = (run / "history.jsonl").read_text().splitlines(keepends=True)
    (run / "history.jsonl").write_text("".join(line for line in lines if '"search"' in line))
    _, page = page_of(run)
    assert page.text[""].count("not there yet") == 5
    assert "has not been tested" in page.text["test"]
    assert page.pictures["learning"] == ["learning curves: The search"]
    assert len(page.pictures["search"]) == 6


def test_losses_that_are_no_numbers_leave_gaps(tmp_path: Path) -> None:
    line = {"stage": "train", "epoch": 1, "loss": float("nan"), "accuracy": 0.1, "learning_rate": 0.0}
    (tmp_path / "history.jsonl").write_text(json.dumps(line) + "\n")
    assert page_of(tmp_path)[1].pictures["learning"] == ["learning curves: The training from scratch"]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    option = "<script>alert('x')</script> $\\frac{1}$ {{ 7 * 7 }}"
    hostile = f"{option} \ud800"
    run = write_run(
        tmp_path / "run",
        nodes=1,
        epochs=2,
        classes=(hostile, '" onload="y', "three"),
        candidates=(option, "b"),
    )
    edit(
        run / "metrics.json", lambda data: data["data"].update(skipped=[[hostile, hostile]], notes=[hostile])
    )
    edit(run / "settings.json", lambda data: data.update(command=["dslnas", hostile], odd=hostile))
    (run / "space.nas").write_text("# </pre><script>alert(1)</script>")
    text, page = page_of(run)
    assert "script" not in page.tags
    assert "<script" not in text
    assert page.handlers == []
    assert "{{ 7 * 7 }}" in page.text["honesty"] and "49" not in page.text["honesty"]
    assert "</pre><script>alert(1)</script>" in page.text["reproduce"]


def test_the_honest_section_lists_what_was_cut_skipped_and_close(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", epochs=5)
    honesty = page_of(run)[1].text["honesty"]
    for words in (
        "20 epochs instead of 60",
        "five/broken.wav",
        "the file is empty",
        "2 recordings were skipped",
    ):
        assert words in honesty
    assert re.search(r"\d+ of 12 decisions were won by less than 0.05", honesty)
    edit(run / "metrics.json", lambda data: data.update(cut=[], data={}))
    honesty = page_of(run)[1].text["honesty"]
    assert "Nothing was cut." in honesty and "None." in honesty


def test_the_verdict_and_the_cost_of_pruning_stand_at_the_top(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=1)
    head = page_of(run)[1].text[""]
    assert "300 validation clips" in head and "a constant answer gets 10.00 %" in head
    for name, value in (("as it mixes", "94.10 %"), ("norms estimated anew", "87.20 %")):
        assert re.search(rf"{name}\s*{value}", head)
    edit(run / "metrics.json", lambda data: data["validation"].update(retrained=0.12))
    head = page_of(run)[1].text[""]
    assert "This architecture looks degenerate" in head and "12.0% of the validation clips" in head
    edit(run / "metrics.json", lambda data: data["validation"].update(retrained=0.985, recalibrated=0.1))
    head = page_of(run)[1].text[""]
    assert "The network is usable, its architecture looks degenerate" in head
    assert "The network is usable, it recognises 98.5%" in head
    edit(run / "metrics.json", lambda data: data["validation"].update(clips=4, chance=0.5))
    assert "4 validation clips are too few to tell" in page_of(run)[1].text[""]
    edit(run / "metrics.json", lambda data: data.pop("validation"))
    assert "What pruning costs" not in page_of(run)[1].text[""]


def test_a_search_in_stages_is_told_stage_by_stage(tmp_path: Path) -> None:
    stages = {
        "1": {"repeat": 1, "candidates": 7, "params": 237_000},
        "2": {"repeat": None, "candidates": 3, "params": 1_200_000},
    }
    (tmp_path / "metrics.json").write_text(json.dumps({"search": {"stages": stages}}))
    text, _ = page_of(tmp_path)
    assert "It went in 2 stages" in text
    assert "<li>repeat 1, 7 candidates, 0.237 M parameters</li>" in text
    assert "<li>3 candidates, 1.200 M parameters</li>" in text
    edit(tmp_path / "metrics.json", lambda metrics: metrics["search"].pop("stages"))
    assert "It went in" not in page_of(tmp_path)[0]
    edit(tmp_path / "metrics.json", lambda metrics: metrics["search"].update(stages={"1": {"params": "x"}}))
    with pytest.raises(DslnasError, match="is no number of a usable size"):
        write_report(tmp_path)


def test_an_option_that_was_ruled_out_lost_no_decision(tmp_path: Path) -> None:
    """What outweighs the chosen one, a skip too many, is no runner-up: no margin is negative."""
    write_run(tmp_path)
    run = read_run(tmp_path)
    (edge, *_) = [edge for edge in run.edges if edge.identifier in chosen_operations(run)]
    weights = dict.fromkeys(edge.candidates, 0.1)
    (chosen,) = chosen_operations(run)[edge.identifier]
    heavy, light = [name for name in edge.candidates if name != chosen][:2]
    weights |= {heavy: 0.5, chosen: 0.3, light: 0.2}
    last = run.stage("search")[-1]
    row = {**last.alpha, edge.identifier: tuple(weights[name] for name in edge.candidates)}
    told = decisions(replace(run, records=(*run.records, replace(last, alpha=row))))
    (found,) = (one for one in told if (one.cell, one.edge) == (edge.cell, f"{edge.source} → {edge.node}"))
    assert (found.chosen, found.runner_up) == (chosen, light)
    assert found.margin == pytest.approx(0.1)


def test_settings_and_command_allow_to_reproduce(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=1)
    edit(run / "settings.json", lambda data: data.update(command=["dslnas", "run", "my space.nas"]))
    _, page = page_of(run)
    assert "dslnas run 'my space.nas'" in page.text["reproduce"]
    assert "5e0c9d1f2a" in page.text["reproduce"]
    assert "search.channels" in page.text["settings"] and "0.5, 0.999" in page.text["settings"]
    assert "torch 2.14.1" in page.text["settings"] and "seed 0" in page.text["settings"]


def test_a_setting_says_where_it_was_said_and_what_it_beat(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=1)
    said = {"search.channels": "space Mine"}
    beaten = {"search.channels": [["16", "profile sc09, real.search"]]}
    edit(run / "settings.json", lambda data: data.update(origins=said, beaten=beaten))
    text = page_of(run)[1].text["settings"]
    assert "space Mine, over 16 (profile sc09, real.search)" in text
    assert "origins" not in text and "beaten" not in text
    for wrong in ([["16"]], {"search.channels": 3}, 7):
        edit(run / "settings.json", lambda data, wrong=wrong: data.update(beaten={"search.channels": wrong}))
        with pytest.raises(DslnasError) as caught:
            page_of(run)
        assert [one.code for one in caught.value.diagnostics] == ["N0701"]


def test_a_space_without_cells_lists_its_choices(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=1)
    edit(run / "genotype.json", lambda data: data.update(cells={}, choices={"network.mb_3.k": "5"}))
    text = page_of(run)[1].text["cells"]
    assert "network.mb_3.k" in text and "no cells" in text
