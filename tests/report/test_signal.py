"""What a report says of the judge of a search."""

from __future__ import annotations

from typing import Any

import pytest

from dslnas.report.fields import Tree
from dslnas.report.signal import roles, signal

GROUPS = {"train": ["ann", "cem"], "architecture": ["bob"], "validation": 40, "test": ["dan"]}


def metrics(**more: Any) -> Tree:
    return Tree("metrics.json", more)


def test_the_roles_of_groups_are_told_with_names_or_numbers() -> None:
    found = dict(roles(metrics(data={"judge": "groups", "groups": GROUPS})))
    assert found["trained the weights of the search"] == "ann, cem"
    assert found["judged: trained the architecture, and no weight before the retraining"] == "bob"
    assert (found["validated"], found["were tested"]) == ("40", "dan")
    shared = roles(metrics(data={"judge": "clips", "groups": GROUPS}))
    assert shared[0] == ("trained", "ann, cem") and shared[1][0].startswith("judged as well")
    assert roles(metrics(data={"name": "digits"})) == roles(metrics()) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, ""),
        ({"rows": 18, "chance": 1 / 7}, ""),
        (
            {"rows": 18, "chance": 1 / 7, "halves": {"same": 0.5, "gradient": 0.123}},
            "Two halves of the clips that judged favour the same option at 50% of 18 choices, where chance "
            "is 14% (correlation 0.12).",
        ),
        (
            {"rows": 18, "chance": 1 / 7, "thirds": {"same": 1.0, "movement": -0.5}},
            "The last third of the search left the best option as it was at 100% of 18 choices, and went on "
            "as the third before it (correlation -0.50).",
        ),
    ],
)
def test_the_signal_is_a_sentence_of_what_was_measured(found: dict[str, Any], told: str) -> None:
    assert signal(metrics(signal=found)) == told
