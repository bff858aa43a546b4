"""Plans as JSON."""

from __future__ import annotations

from math import comb

from dslnas.runs.load import load
from dslnas.runs.plan import plan, to_json
from dslnas.runs.request import Request


def test_json_has_the_documented_keys() -> None:
    experiment = load("ss1", Request(data="sc09", preset="paper", overrides=["search.epochs=7"]))
    data = to_json(plan(experiment))
    assert data["params"]["supernet"] == 1_609_370
    assert set(data["params"]["pruned"]) == {"min", "max"} and "live" not in data["params"]
    assert data["macs"]["supernet"] > 0 and data["choices"] == 18
    assert data["size"] == (comb(2, 2) * comb(3, 2) * comb(4, 2) * 7**6) ** 2
    assert data["cells"]["normal"]["uses"] == 6 and data["cells"]["reduction"]["uses"] == 3
    assert data["types"]["network"][-1] == {"stage": "linear_2", "type": "10", "inputs": {}}
    assert data["types"]["frontend"][-1]["type"] == "1 x 32 x 32"
    assert data["settings"]["origins"]["search.epochs"] == "--set search.epochs"
    assert "time" not in data
