"""Values of the language: numbers with units, names, arithmetic."""

from __future__ import annotations

import pytest

from dslnas.base.diagnostics import DslnasError
from dslnas.parse.parse import parse_value
from dslnas.resolve.values import evaluate


@pytest.mark.parametrize(("wrong", "meant"), [("khz", "kHz"), ("db", "dB"), ("msec", "ms"), ("HZ", "Hz")])
def test_a_misspelled_unit_is_recognised(wrong: str, meant: str) -> None:
    with pytest.raises(DslnasError) as caught:
        evaluate(parse_value(f"16{wrong}", "text")[0], lambda name: name.name)
    assert [one.help for one in caught.value.diagnostics] == [f"did you mean `{meant}`?"]
