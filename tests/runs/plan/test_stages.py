"""Plans of searches in stages."""

from __future__ import annotations

import pytest
from small import small

from dslnas.runs.plan import plan, to_json


def test_a_plan_shows_the_stages_and_counts_the_largest() -> None:
    experiment = small("ss1", "pdarts", "train.repeat=2")
    planned = plan(experiment)
    stages = to_json(planned)["stages"]
    assert [(one["repeat"], one["candidates"]) for one in stages] == [(0, 7), (1, 5), (2, 3)]
    assert [one["dropout"] for one in stages] == pytest.approx([0.0, 0.4, 0.7])
    assert planned.params.supernet == max(one["params"] for one in stages) > stages[0]["params"]
    assert planned.memory.peak == max(one["peak"] for one in stages)
    assert len(to_json(plan(small()))["stages"]) == 1
