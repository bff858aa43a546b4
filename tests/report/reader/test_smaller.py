"""The tables of a network that was made smaller."""

from __future__ import annotations

from typing import Any

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.report.fields import Tree
from dslnas.report.reader.smaller import smaller

PRUNING: dict[str, Any] = {
    "of": "whole",
    "method": "taylor",
    "nodes": {"before": 18, "after": 9},
    "params": {"before": 2_000_000, "after": 1_500_000},
    "macs": {"before": 300, "after": 200},
    "validation": {"before": 0.9, "cut": 0.5},
    "test": {"before": None},
    "kept": {"network/normal_1": ["n1", "n2"], "network/reduction_1": []},
    "kinds": {"network/normal_1": "normal"},
}


def tree(**data: Any) -> Tree:
    return Tree("metrics.json", data)


def test_what_was_and_what_is() -> None:
    found = smaller(tree(pruning=PRUNING, test={"accuracy": 0.85}, validation={"retrained": 0.8}))
    assert found is not None
    assert (found.of, found.method) == ("whole", "taylor")
    rows = {name: sides for name, *sides in found.rows}
    assert rows["nodes"] == ["18", "9"]
    assert rows["parameters"] == ["2.000 M", "1.500 M"]
    assert rows["validation, before it was trained again"] == ["90.00 %", "50.00 %"]
    assert rows["test, trained again"] == ["", "85.00 %"]
    assert rows["validation, trained again"] == ["90.00 %", "80.00 %"]
    kept = (("network/normal_1", "normal", "n1, n2"), ("network/reduction_1", "", "none"))
    assert found.kept == kept


@pytest.mark.parametrize("data", [{}, {"pruning": 3}, {"pruning": {"of": "whole", "method": "l1"}}])
def test_other_runs_have_none(data: dict[str, Any]) -> None:
    assert smaller(tree(**data)) is None


def test_figures_that_are_no_numbers_are_told() -> None:
    with pytest.raises(DslnasError, match=r"metrics\.json"):
        smaller(tree(pruning=PRUNING | {"nodes": {"before": "many"}}))
