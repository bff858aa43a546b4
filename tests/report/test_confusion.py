"""The confusion matrix: every class has its name, whatever was tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from made_runs import write_run
from report_pages import page_of

from dslnas.report.confusion import confusion_matrix
from dslnas.report.render.figure import saved


@pytest.mark.parametrize("count", [2, 10, 35, 50])
def test_confusion_matrices_of_any_size_name_every_class(tmp_path: Path, count: int) -> None:
    classes = tuple(f"class number {index}" for index in range(count))
    text, _ = page_of(write_run(tmp_path / "run", nodes=1, epochs=1, classes=classes))
    matrix = text[text.index('id="test"') : text.index('id="honesty"')]
    for name in classes:
        assert len(re.findall(rf"<text[^>]*>{name}</text>", matrix)) == 2
    sizes = [float(size) for size in re.findall(r"<text[^>]*font(?:-size)?: ([\d.]+)px", matrix)]
    assert min(sizes) > 4.5


def test_classes_that_were_never_tested_are_no_division_by_zero(tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text('{"classes": ["a", "b"], "confusion": [[3, 1], [0, 0]], "clips": []}')
    _, page = page_of(tmp_path)
    assert page.pictures["test"] == ["confusion matrix"]
    assert "25.0 %" in page.text["test"]


def test_a_matrix_of_other_columns_is_drawn() -> None:
    picture = saved(confusion_matrix(["a", "b", "c"], [[1, 2], [3, 4], [0, 0]], ["A", "z"]), "svg").decode()
    assert "b taken for z: 4 of 7" in picture and "33 %" in picture
