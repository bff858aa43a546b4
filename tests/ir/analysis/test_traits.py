"""Skips, operations without parameters and polynomials are told from what the text computes."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import small

from dslnas.ir.analysis.traits import traits_of
from dslnas.runs.load import load
from dslnas.runs.request import Request

POLYNOMIALS = {"sep_conv_5x5", "dil_conv_5x5"}
POOLS = {"max_pool_3x3", "avg_pool_3x3"}


@pytest.mark.parametrize(("space", "order"), [("ss1", 1), ("sspolasym4", 2), ("sspolattention", 3)])
def test_the_traits_of_shipped_spaces(space: str, order: int) -> None:
    experiment = small(space, "darts", "repeat=1")
    found = traits_of(experiment.built(experiment.settings.search))
    assert {name: cell.reduces for name, cell in found.items()} == {"normal": False, "reduction": True}
    for cell in found.values():
        free = POOLS | (set() if cell.reduces else {"skip_connect"})
        assert {name for name, one in cell.operations.items() if not one.parameters} == free
        assert {name for name, one in cell.operations.items() if one.skip} == {"skip_connect"}
        assert {one.order for name, one in cell.operations.items() if name in POLYNOMIALS} == {order}
        assert {name for name, one in cell.operations.items() if one.polynomial} == (
            POLYNOMIALS if order > 1 else set()
        )


def test_no_name_makes_a_skip(tmp_path: Path) -> None:
    file = tmp_path / "own.nas"
    file.write_text(
        'use "ss1.nas"\nspace Own = SS1 with {\n'
        "    candidates.skip_connect = sep_conv(3)\n    candidates.sep_conv_3x3 = skip\n}\n"
    )
    experiment = load(file, Request(data="fsdd", overrides=("nodes=1", "channels=4", "repeat=1")))
    operations = traits_of(experiment.built(experiment.settings.search))["normal"].operations
    assert {name for name, one in operations.items() if one.skip} == {"sep_conv_3x3"}
    assert not operations["sep_conv_3x3"].parameters and operations["skip_connect"].parameters
