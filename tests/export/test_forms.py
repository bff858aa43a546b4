"""How exported files write primitives."""

from __future__ import annotations

import pytest
import torch

from dslnas.export.forms import FORMS
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import tensor


def test_every_primitive_of_the_language_has_a_form() -> None:
    assert {name for name, one in REGISTRY.items() if not one.origin} == set(FORMS)


@pytest.mark.parametrize("stride", [1, 2])
def test_zeros_are_zeros(stride: int) -> None:
    x, half = tensor("real", 3, 5, 7), tensor("real", 3, 3, 4)
    called = FORMS["zero"]((x,), half if stride == 2 else x, {"stride": stride}).called.format("x")
    made = eval(called, {"torch": torch, "x": torch.ones(2, 3, 5, 7)})
    assert made.shape == (2, *(half if stride == 2 else x).shape) and not made.any()
