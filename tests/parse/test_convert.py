"""Trees of the parser as syntax."""

from __future__ import annotations

import pytest

from dslnas.base.source import Source
from dslnas.parse import syntax
from dslnas.parse.parse import parse, parse_value


def test_a_keyword_may_stand_as_a_key() -> None:
    file, diagnostics = parse(Source("text", "experiment {\n    space: S\n    method: m\n    keep: 3\n}\n"))
    assert diagnostics == []
    (experiment,) = file.definitions
    assert isinstance(experiment, syntax.SettingsBlock)
    assert [setting.key for setting in experiment.settings] == ["space", "method", "keep"]


@pytest.mark.parametrize(
    ("text", "value", "suffix"),
    [
        ("16kHz", 16, "kHz"),
        ("3e-4", 3e-4, ""),
        ("2e3C", 2000, "C"),
        ("50%", 50, "%"),
        ("1.5s", 1.5, "s"),
    ],
)
def test_numbers_carry_their_units(text: str, value: float, suffix: str) -> None:
    (number,) = parse_value(text, "--set k")
    assert isinstance(number, syntax.Number)
    assert (number.value, number.suffix) == (value, suffix)
