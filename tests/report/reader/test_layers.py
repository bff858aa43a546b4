"""Networks without cells as pictures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from made_runs import write_run
from report_pages import edit, page_of

from dslnas.parse.format import one_line
from dslnas.report.reader.layers import PER_ROW, drawings_of_layers
from dslnas.report.render.drawing import check
from dslnas.runs.load import load


@pytest.mark.parametrize("name", ["nasc", "lenet", "resnet18"])
def test_a_chain_in_rows_has_every_stage_once(name: str) -> None:
    space = load(name).space
    rows = drawings_of_layers(space)
    for row in rows:
        check(row)
        assert len(row.nodes) <= PER_ROW
    for before, after in pairwise(rows):
        assert after.inputs == before.output
    labels = [label for row in rows for _, _, label in row.edges]
    assert " -> ".join(["input", *labels]) == one_line(space.network.value.span.text)


def test_a_stage_shows_what_was_chosen_for_it() -> None:
    rows = drawings_of_layers(load("nasc").space, {"network/mb_2": "k = 5, expand = 6"})
    labels = [label for row in rows for _, _, label in row.edges]
    blocks = [label for label in labels if label.startswith("mb")]
    assert blocks[:3] == ["mb(32, time)", "mb_2: k = 5, expand = 6", "mb(32, time)"]


def test_a_report_draws_the_stages(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", nodes=1, epochs=1)
    experiment = load("nasc")
    (run / "space.nas").write_text(experiment.text)
    chosen = {"network/mb_1": "k = 7, expand = 3"}
    edit(
        run / "genotype.json",
        lambda data: data.update(space={"name": "NASC", "hash": "x"}, cells={}, choices=chosen),
    )
    text, page = page_of(run)
    assert "This space has no cells: these are the stages" in page.text["cells"]
    assert ">mb_1: k = 7, expand = 3</text>" in text
