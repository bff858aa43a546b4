"""Colours of operations."""

from __future__ import annotations

from drawn_cells import names
from hypothesis import given
from hypothesis import strategies as st

from dslnas.report.render.palette import FAMILIES, family, styles


def test_operations_of_a_family_share_their_colour() -> None:
    found = styles(
        ["sep_conv_3x3", "sep_conv_5x5", "max_pool_3x3", "avg_pool_3x3", "skip_connect", "dil_conv_3x3"]
    )
    assert found["sep_conv_3x3"].colour == found["sep_conv_5x5"].colour
    assert found["sep_conv_3x3"].dash != found["sep_conv_5x5"].dash
    assert len({style.colour for style in found.values()}) == 5
    assert styles(["sep_conv_3x3"])["sep_conv_3x3"].colour == found["sep_conv_3x3"].colour
    assert [family(name) for name in ("asym5_7_1", "3x3", "skip", "")] == ["asym", "3x3", "skip", ""]


@given(st.lists(names, max_size=len(FAMILIES)))
def test_few_families_never_share_a_colour(labels: list[str]) -> None:
    found = styles(labels)
    assert len({style.colour for style in found.values()}) == len({family(label) for label in labels})
