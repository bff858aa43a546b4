"""The table of other data sets in a report."""

from __future__ import annotations

from pathlib import Path

from dslnas.report.page import write_report
from dslnas.runs.run import Run


def test_the_report_shows_every_data_set(copy: Path) -> None:
    figures = {"clips": 3, "known": ["class0"], "accuracy": 2 / 3}
    entry = {"data": "csv:other <b>", "classes": 4, "as_it_is": figures, "retrained": {"accuracy": 0.975}}
    Run.open(copy).folder.update_metrics(transfer={"csv-other": entry})
    page = write_report(copy).read_text(encoding="utf-8")
    assert "csv:other &lt;b&gt;" in page and "1 of 4" in page
    assert "66.67 % (20.8 to 93.9 %)" in page and "97.50 %" in page
