"""The stages that a method names: the rate of dropout in each."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.methods.stages import SearchStage


@given(st.floats(0, 0.99), st.floats(0, 1))
def test_the_rate_falls_from_the_first_to_a_twentieth(rate: float, progress: float) -> None:
    stage = SearchStage(dropout=rate)
    assert stage.dropout_at(0.0) == rate
    assert stage.dropout_at(1.0) == pytest.approx(rate * 0.0497871)
    assert stage.dropout_at(progress) == pytest.approx(rate * math.exp(-3 * progress))
