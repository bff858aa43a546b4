"""Tables of made-up sweeps, each number checked by hand."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from statistics import fmean, stdev

import pytest
from generated.examples import run_command
from hypothesis import given
from hypothesis import strategies as st
from made_sweeps import CLIPS, Made, make

from dslnas.base.figures import wilson
from dslnas.runs.sweep.folder import SweepFolder
from dslnas.runs.sweep.publish import publish
from dslnas.runs.sweep.results import Architecture, architectures
from dslnas.runs.sweep.tables import FIGURES, as_csv, latex, markdown, table_of

MADE = (
    Made("ResNet18", "real", "fsdd", "", "", [0.93, 0.95], live=11_170_000),
    Made("SS1", "real", "fsdd", "darts", "A", [0.90, 0.92], gap=0.3, polynomials=0.0),
    Made("SS1", "real", "fsdd", "forcedarts", "A", [0.96, 0.98], gap=0.186, polynomials=0.0, live=2_500_000),
    Made("SS1", "real", "fsdd", "darts", "B", [0.91, None], gap=0.304, polynomials=0.0),
    Made("SS1", "real", "fsdd", "forcedarts", "B", [None, None], gap=0.201, polynomials=0.0),
    Made("SSPolAsym5", "complex", "sc_09", "darts", "A", [0.5, 0.5], gap=0.25, polynomials=5 / 12),
)
MARKDOWN = """\
| data | domain | space | method | accuracy (%) A | accuracy (%) B \
| 95 % interval A | 95 % interval B | live (M) A | live (M) B \
| with dead edges (M) A | with dead edges (M) B | gap A | gap B | polynomials (%) A | polynomials (%) B \
| search (min) A | search (min) B | training (min) A | training (min) B |
| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: \
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| fsdd | real | ResNet18 | – | **94.00 ± 1.41** | – | 89.8 to 96.5 | – | 11.170 \
| – | – | – | – | – | – | – | – | – | 1.5 | – |
| fsdd | real | SS1 | darts | 91.00 ± 1.41 | 91.00 (1 of 2) \
| 86.2 to 94.2 | 86.2 to 94.2 | 1.000 | 1.000 | 2.000 | 2.000 | 0.300 | 0.304 \
| 0 | 0 | 1.5 | 1.5 | 1.5 | 1.0 |
| fsdd | real | SS1 | forcedarts | **97.00 ± 1.41** | – | 93.6 to 98.6 | – \
| 2.500 | 1.000 | 5.000 | 2.000 | 0.186 | 0.201 \
| 0 | 0 | 1.5 | 1.5 | 1.5 | – |
| sc_09 | complex | SSPolAsym5 | darts | 50.00 ± 0.00 | – | 43.1 to 56.9 | – \
| 1.000 | – | 2.000 | – | 0.250 | – \
| 42 | – | 1.5 | – | 1.5 | – |

Words.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    return SweepFolder.open(make(tmp_path_factory.mktemp("made"), MADE))


@pytest.fixture(scope="module")
def found(made: SweepFolder) -> list[Architecture]:
    return architectures(made, "made")


def test_the_table_as_markdown(found: list[Architecture]) -> None:
    assert markdown(table_of(found), "Words.") == MARKDOWN


def test_the_table_as_latex(found: list[Architecture]) -> None:
    text = latex(table_of(found), "Share in % of what_is kept.")
    lines = text.splitlines()
    assert lines[2] == r"\begin{tabular}{llll" + "r" * 16 + "}"
    assert lines[4].startswith(r"data & domain & space & method & \multicolumn{2}{c}{accuracy (\%)} & ")
    assert lines[5] == " &  &  &  & " + " & ".join(["A", "B"] * 8) + r" \\"
    assert lines[8].startswith(
        r"fsdd & real & SS1 & darts & 91.00 $\pm$ 1.41 & 91.00 (1 of 2) & 86.2 to 94.2 & "
        "86.2 to 94.2 & 1.000 & "
    )
    assert lines[9].startswith(
        r"fsdd & real & SS1 & forcedarts & \textbf{97.00 $\pm$ 1.41} & -- & 93.6 to 98.6 & "
    )
    assert lines[10].startswith(r"sc\_09 & complex & SSPolAsym5 & darts & ")
    assert r"\caption{Share in \% of what\_is kept.}" in lines
    assert all(line.count("&") in (0, 11, 19) for line in lines)


def test_the_table_as_csv_in_full_precision(found: list[Architecture]) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [row["search"] for row in rows] == ["", "A", "A", "B", "B", "A"]
    first, last = rows[0], rows[-1]
    assert float(first["accuracy_mean"]) == fmean([0.93, 0.95])
    assert float(first["accuracy_sd"]) == stdev([0.93, 0.95])
    assert first["accuracies"] == "0.93 0.95" and first["gap"] == ""
    assert float(last["polynomials"]) == 5 / 12 and last["parameters_with_dead_edges"] == "2000000"
    assert (rows[3]["retrainings"], rows[3]["retrainings_planned"], rows[3]["accuracy_sd"]) == ("1", "2", "")
    assert (rows[4]["accuracy_mean"], rows[4]["gap"]) == ("", "0.201")
    low, high = map(float, first["accuracy_interval"].split())
    assert (low, high) == wilson(0.94, 200) and (first["test_clips"], rows[4]["accuracy_interval"]) == (
        "200",
        "",
    )


def test_intervals_are_of_independent_clips_and_not_of_more_retrainings(tmp_path: Path) -> None:
    one = [Made("SS1", "real", "fsdd", "darts", "A", [0.9, 0.9])]
    folder = SweepFolder.open(make(tmp_path, one))
    assert architectures(folder)[0].interval == wilson(0.9, CLIPS)
    for number in (1, 2):
        path = folder.run(f"SS1-real-fsdd-darts-A-{number}") / "metrics.json"
        metrics = json.loads(path.read_text())
        metrics["test"]["recordings"] = {"count": 50}
        path.write_text(json.dumps(metrics))
    (found,) = architectures(folder)
    assert found.interval == wilson(0.9, 50) and found.clips == CLIPS


def test_a_column_that_no_row_has_is_left_out(tmp_path: Path) -> None:
    one = [Made("SS1", "real", "fsdd", "darts", "A", [0.5], gap=0.3, polynomials=0.0)]
    table = table_of(architectures(SweepFolder.open(make(tmp_path, one)), "made"))
    assert [name for name, _ in table.heads] == [n for n, _ in FIGURES if not n.startswith("polynomials")]
    baseline = [Made("ResNet18", "real", "fsdd", "", "", [0.5, 0.7])]
    alone = table_of(architectures(SweepFolder.open(make(tmp_path / "b", baseline)), "made"))
    assert [name for name, _ in alone.heads] == [
        "accuracy (%)",
        "95 % interval",
        "live (M)",
        "training (min)",
    ]
    assert alone.rows == (
        (("fsdd", "real", "ResNet18", "–"), ("60.00 ± 14.14", "53.1 to 66.5", "1.000", "1.5")),
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.permutations(range(6)))
def test_a_table_has_a_cell_for_every_figure_in_any_order(values: list[float], order: list[int]) -> None:
    found = [
        Architecture(f"S{number}", "real", "fsdd", "darts", letter, len(values), tuple(values), gap=values[0])
        for number in order[:3]
        for letter in ("A", "B")
    ]
    table = table_of(found)
    assert [labels[2] for labels, _ in table.rows] == [f"S{number}" for number in order[:3]]
    assert {len(cells) for _, cells in table.rows} == {2 * len(table.heads)}
    assert len(table.strong) == 2
    lines = markdown(table, "").splitlines()
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_damaged_metrics_leave_a_gap_and_no_crash(tmp_path: Path, made: SweepFolder) -> None:
    folder = SweepFolder.open(shutil.copytree(made.path, tmp_path / "damaged"))
    for name, content in (
        ("SS1-real-fsdd-darts-A", "{"),
        ("ResNet18-real-fsdd-1", '{"test": {"accuracy": "x"}}'),
    ):
        (folder.run(name) / "metrics.json").write_text(content)
    found = architectures(folder, "made")
    assert found[0].accuracies == (0.95,) and found[1].gap is None


def test_the_files_are_made_again_alike(tmp_path: Path, made: SweepFolder) -> None:
    folder = SweepFolder.open(shutil.copytree(made.path, tmp_path / "again"))
    first = {path.name: path.read_bytes() for path in publish(folder)}
    assert set(first) == {
        "made.md", "made.tex", "made.csv", "made-accuracy.svg", "made-accuracy.png",
    }  # fmt: skip
    assert {path.name: path.read_bytes() for path in publish(folder)} == first
    assert b"Preset `quick`" in first["made.md"]


def test_the_command_makes_tables_again_and_tells_what_is_left(made: SweepFolder, tmp_path: Path) -> None:
    shutil.copytree(made.path, tmp_path / "made")
    result = run_command("dslnas sweep made --tables", tmp_path)
    assert result.exit_code == 0
    assert "3 of 17 trials are left" in result.output and "97.00 ± 1.41" in result.output
    told = json.loads(run_command("dslnas sweep made --tables --json", tmp_path).stdout)
    assert told["left"] == [
        "SS1-real-fsdd-darts-B-2",
        "SS1-real-fsdd-forcedarts-B-1",
        "SS1-real-fsdd-forcedarts-B-2",
    ]
    assert told["sweeps"]["made"][2]["accuracy_mean"] == fmean([0.96, 0.98])
    assert run_command("dslnas sweep made --tables --out x", tmp_path).exit_code == 2
    assert run_command("dslnas sweep made.nas --tables", tmp_path).exit_code == 2
    assert run_command("dslnas sweep made.nas", tmp_path).exit_code == 1
