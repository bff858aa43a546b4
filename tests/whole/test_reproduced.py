"""The page of what we reproduced: its figures are those of the result files, beside those of the paper."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from documentation import exists
from generated import findings, reproduced
from hypothesis import given
from hypothesis import strategies as st
from repository import ROOT

CONFIGURATIONS = [(data, domain) for data in ("sc09", "sc35", "esc50") for domain in ("complex", "real")]
SWEEP = """\
data,domain,space,method,search,retrainings,accuracy_mean,accuracy_sd,parameters_with_dead_edges,gap,polynomials
fsdd,real,SS1,darts,A,2,0.9512,0.004,310000,0.3,0.0
fsdd,real,SS1,fairdarts,A,2,0.97,0.001,410000,0.41,0.0
fsdd,real,SS1,forcedarts,A,2,0.9634,0.002,,0.19,0.0
"""


@pytest.fixture
def swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of a sweep as the only result beside the paper's."""
    about = {
        "title": "A sweep",
        "command": "dslnas run ss1 --data {data} --set method={method}",
        "differs": ["little data"],
        "machine": ["CPU, 1 thread, float32"],
        "table": "sweep.csv",
    }
    (tmp_path / "paper.json").write_bytes((reproduced.RESULTS / "paper.json").read_bytes())
    (tmp_path / "sweep.json").write_text(json.dumps(about))
    (tmp_path / "sweep.csv").write_text(SWEEP)
    monkeypatch.setattr(reproduced, "RESULTS", tmp_path)
    monkeypatch.setattr(reproduced, "measured", reproduced.measured.__wrapped__)


def of_paper(pick: Callable[..., float], data: str, domain: str, method: str) -> float:
    """The best or the worst accuracy of a method's searches in table 3."""
    rows = reproduced.paper()["table_3"]
    return pick(
        row["accuracy"]
        for row in rows
        if (row["data"], row["domain"], row["method"]) == (data, domain, method)
    )


def test_what_the_paper_says_of_its_table_follows_from_ours() -> None:
    """Section 5.1 counts over six configurations: a slip in the figures would change a count."""

    def wins(ours: Callable[..., float], theirs: Callable[..., float], other: str) -> int:
        return sum(
            of_paper(ours, *place, "forcedarts") > of_paper(theirs, *place, other) for place in CONFIGURATIONS
        )

    assert wins(max, max, "darts") == wins(min, min, "darts") == 6
    assert wins(min, max, "darts") == 4
    assert wins(max, max, "fairdarts") == 3
    assert wins(min, min, "fairdarts") == 2
    assert {name: len(rows) for name, rows in reproduced.paper().items()} == {
        "table_2": 6,
        "table_3": 39,
        "table_4": 36,
        "table_5": 10,
    }


def test_the_supernets_have_the_papers_sizes() -> None:
    counted = [line.split(" | ") for line in reproduced.supernets().splitlines()[2:]]
    real = [(float(line[5]), float(line[6].strip(" |"))) for line in counted if line[1] == "real"]
    assert len(real) == 3
    for printed, found in real:
        assert found == pytest.approx(printed, abs=0.005)


@pytest.mark.parametrize("name", reproduced.result_names())
def test_every_row_has_a_command_that_exists(name: str) -> None:
    found = reproduced.measured(name)
    commands = re.findall(r"^(dslnas .+) # takes minutes$", reproduced.results(name), re.M)
    assert {found["command"].format(**row) for row in found["rows"]} == set(commands)
    for command in commands:
        exists(shlex.split(command))


@pytest.mark.usefixtures("swept")
def test_the_table_of_a_sweep_stands_beside_the_papers() -> None:
    section = reproduced.all_results()
    cells = {
        line.split(" | ")[3]: line.split(" | ")[5:] for line in section.splitlines() if "| real |" in line
    }
    assert cells["darts"][:4] == ["95.12 ± 0.40", "97.24 ± 0.11", "0.300", "0.29"]
    assert cells["darts"][-2:] == ["0.31", "1.67 |"]
    assert cells["forcedarts"][-2:] == ["–", "2.01 |"]
    assert "\ndslnas run ss1 --data fsdd --set method=forcedarts # takes minutes\n" in section
    assert "- little data" in section and "polynomials" not in section
    assert "\nMeasured on: CPU, 1 thread, float32.\n" in section


def test_networks_on_other_data_stand_beside_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    place = {
        "trained_on": "fsdd",
        "data": "audiomnist",
        "domain": "real",
        "method": "forcedarts",
        "search": "A",
    }
    figures = {"as_it_is": 0.4, "as_it_is_sd": 0.01, "retrained": 0.9, "retrained_sd": None}
    rows = [{**place, "space": space, **figures} for space in ("SS1", "LeNet")]
    monkeypatch.setattr(
        reproduced, "measured", lambda name: {"transfers": rows} if name == "fsdd-gap" else {}
    )
    ss1, lenet = reproduced.transfer().splitlines()[2:]
    assert ss1 == (
        "| fsdd | audiomnist | real | SS1 | forcedarts | A "
        "| 40.00 ± 1.00 | 9.78 ± 2.07 | 90.00 | 93.90 ± 0.80 |"
    )
    assert lenet.endswith("| 40.00 ± 1.00 | – | 90.00 | – |")


@pytest.mark.usefixtures("swept")
def test_its_searches_count_among_the_findings() -> None:
    sections = findings.findings().split("\n\n### ")
    gaps, accuracies = (one.splitlines() for one in sections[:2])
    assert gaps[2].startswith(
        "**Reproduced**: holds in 2 of 2 pairs of searches. The paper's own tables: 48 of 48"
    )
    assert gaps[-1] == (
        "| A sweep | fsdd, real, SS1 | forcedarts: 0.190 | darts: 0.300 | fairdarts: 0.410 | 2 of 2 |"
    )
    assert accuracies[2].startswith("**Reproduced**: holds in 1 of 1 pairs")
    assert accuracies[-1] == "| A sweep | fsdd, real, SS1 | darts: 95.12 | forcedarts: 96.34 | 1 of 1 |"
    assert all("**Not measured yet.**" in one for one in sections[2:])


def searches(method: str, figures: list[float], space: str = "S") -> list[dict[str, Any]]:
    return [{"data": "d", "domain": "real", "space": space, "method": method, "gap": gap} for gap in figures]


GAPS = st.lists(st.floats(0, 1), max_size=4)


@given(GAPS, GAPS, GAPS)
def test_every_pair_of_searches_is_counted(
    least: list[float], middle: list[float], most: list[float]
) -> None:
    of = dict(zip(findings.GAP.chains[0], (least, middle, most), strict=True))
    rows = [row for method, figures in of.items() for row in searches(method, figures)]
    rows += searches("forcedarts", [0.0], "another space, which counts for nothing")
    found = list(findings.compared(findings.GAP, rows, "one"))
    kept = sum(a < b for a in least for b in middle) + sum(a < b for a in middle for b in most)
    pairs = len(least) * len(middle) + len(middle) * len(most)
    if not (least and middle and most):
        assert found == [] and findings.verdict(findings.GAP, found) == "**Not measured yet.**"
        return
    assert [(one.kept, one.pairs) for one in found] == [(kept, pairs)]
    word = "Reproduced" if kept == pairs else "Refuted" if kept == 0 else "Not in every pair"
    told = f"**{word}**: holds in {kept} of {pairs} pairs of searches."
    assert findings.verdict(findings.GAP, found) == told


def test_figures_that_are_the_same_agree_with_what_may_be_equal_alone() -> None:
    rows = [
        {**row, "accuracy_mean": row["gap"]} for name in findings.SEARCHES for row in searches(name, [0.5])
    ]
    (gap,), (accuracy,) = (
        findings.compared(finding, rows, "one") for finding in (findings.GAP, findings.ACCURACY)
    )
    assert (gap.kept, gap.pairs) == (0, 2) and (accuracy.kept, accuracy.pairs) == (1, 1)


def test_what_the_paper_finds_holds_in_its_own_tables() -> None:
    """Its main finding in every pair of searches, the other in all but two."""

    def counted(finding: findings.Finding) -> str:
        return findings.counted(findings.compared(finding, findings.of_paper(), ""))

    assert counted(findings.GAP) == "48 of 48 pairs of searches"
    assert counted(findings.ACCURACY) == "22 of 24 pairs of searches"


def test_the_readme_tells_the_same_gaps() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for method in findings.GAP.chains[0]:
        (line,) = re.findall(rf"^\| {method} \|.*$", readme, re.M)
        gaps = [row["gap"] for row in reproduced.measured("fsdd-gap")["rows"] if row["method"] == method]
        assert [float(cell) for cell in line.split(" | ")[2:5]] == gaps
