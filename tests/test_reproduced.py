"""The page of what we reproduced: its figures are those of the result files, beside those of the paper."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from documentation import exists
from generated import reproduced
from hypothesis import given
from hypothesis import strategies as st

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
        "beside": {"fsdd": "sc09"},
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


@pytest.mark.usefixtures("swept")
def test_its_searches_count_among_the_findings() -> None:
    found = reproduced.findings()
    assert "| gap ForceDARTS < DARTS < FairDARTS | holds in 1 of 1 searches |" in found
    assert "| accuracy of ForceDARTS not below DARTS | holds in 1 of 1 searches |" in found


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3), max_size=6))
def test_the_order_of_gaps_is_counted(gaps: list[tuple[float, float, float]]) -> None:
    rows = [
        {"data": "d", "domain": "real", "space": "S", "method": method, "search": str(number), "gap": gap}
        for number, found in enumerate(gaps)
        for method, gap in zip(reproduced.ORDER, found, strict=True)
    ]
    kept = sum(first < second < third for first, second, third in gaps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproduced, "measured", lambda name: {"rows": rows})
        patch.setattr(reproduced, "result_names", lambda: ["one"])
        told = f"holds in {kept} of {len(gaps)} searches" if gaps else "not measured yet"
        assert f"FairDARTS | {told} |" in reproduced.findings()


def test_the_readme_tells_the_same_gaps() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for method in reproduced.ORDER:
        (line,) = re.findall(rf"^\| {method} \|.*$", readme, re.M)
        gaps = [row["gap"] for row in reproduced.measured("fsdd-gap")["rows"] if row["method"] == method]
        assert [float(cell) for cell in line.split(" | ")[2:5]] == gaps
