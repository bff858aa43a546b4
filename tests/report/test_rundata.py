"""What a report reads of a run: lines that are half written or repeated, and broken files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from made_runs import write_run

from dslnas.base.diagnostics import DslnasError
from dslnas.report.page import write_report
from dslnas.report.rundata import read_run


def test_a_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=3)
    with (run / "history.jsonl").open("a") as file:
        file.write('{"stage": "train", "epoch": 7, "lo')
    assert len(read_run(run).records) == 9
    write_report(run)


def test_a_record_that_a_resumed_run_repeats_counts_once(tmp_path: Path) -> None:
    figures = [(0.5, 4.0), (1, 3.0), (1.5, 2.0), (1, 1.0)]
    lines = [{"stage": "search", "epoch": epoch, "loss": loss} for epoch, loss in figures]
    (tmp_path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    records = read_run(tmp_path).stage("search")
    assert [(record.at, record.values["loss"]) for record in records] == [(0.5, 4.0), (1.0, 1.0), (1.5, 2.0)]


BROKEN = {
    "no JSON": ("metrics.json", "{", "this is no JSON"),
    "no object": ("settings.json", "[]", "the file is no JSON object"),
    "no genotype": ("genotype.json", "{}", "this is no dslnas genotype"),
    "text for a number": ("metrics.json", '{"test": {"accuracy": "high"}}', "test.accuracy is no number"),
    "a huge number": (
        "metrics.json",
        '{"test": {"accuracy": 1' + "0" * 400 + "}}",
        "test.accuracy is no number",
    ),
    "no list": ("metrics.json", '{"cut": 3}', "cut is no list"),
    "pairs": ("metrics.json", '{"data": {"skipped": [["a"]]}}', "holds 1 values instead of 2"),
    "bad line": ("history.jsonl", "nonsense\n", "history.jsonl:1: this is no JSON"),
    "no epoch": ("history.jsonl", '{"stage": "search"}\n', "epoch is no number"),
    "few weights": (
        "history.jsonl",
        '{"stage": "search", "epoch": 1, "alpha": {"normal/n1<-a": [0.5]}}\n',
        "alpha of normal/n1<-a holds 1 values instead of 7",
    ),
    "no candidates": ("choices.json", '{"edges": {"x": {"cell": "c"}}}', "candidates of x is no list"),
    "no order": (
        "choices.json",
        '{"cells": {"c": {"operations": {"pool": {}}}}}',
        "order of pool is no whole",
    ),
    "no keep": (
        "choices.json",
        '{"nodes": {"c/x": {"cell": "c", "sources": []}}}',
        "keep of c/x is no whole",
    ),
    "ragged matrix": (
        "test.json",
        '{"classes": ["a", "b"], "confusion": [[1, 2], [3]]}',
        "1 values instead of 2",
    ),
    "no rows": ("test.json", '{"classes": ["a"], "confusion": []}', "0 values instead of 1"),
    "clip": ("test.json", '{"classes": [], "confusion": [], "clips": [{}]}', "a clip has no `path`"),
    "deep": ("metrics.json", "[" * 100_000, "this is no JSON"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_named(tmp_path: Path, case: str) -> None:
    name, text, words = BROKEN[case]
    run = write_run(tmp_path / "run", nodes=1, epochs=1)
    (run / name).write_text(text)
    with pytest.raises(DslnasError, match=re.escape(words)) as caught:
        write_report(run)
    assert caught.value.diagnostics[0].code == "N0701"
    assert name in caught.value.diagnostics[0].message
    assert not (run / "report.html").exists()


def test_what_is_no_run_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DslnasError, match="there is no run folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(DslnasError, match="this is no run folder"):
        write_report(tmp_path)
