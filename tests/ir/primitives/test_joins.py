"""Joins: sums, products and concatenations of types that fit."""

from __future__ import annotations

import pytest
from typed_modules import made

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.joins import joined
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import TensorType, tensor


@pytest.mark.parametrize("name", ["add", "multiply"])
def test_joins_are_of_one_type(name: str) -> None:
    x = tensor("real", 4, 5, 6)
    assert made(name, (x, x, x)) == x
    for other, code in (
        (tensor("real", 4, 5, 7), "N0302"),
        (tensor("real", 5, 5, 6), "N0303"),
        (tensor("complex", 4, 5, 6), "N0304"),
    ):
        with pytest.raises(TypeRuleError) as caught:
            REGISTRY[name].type_rule((x, other), {}, "real")
        assert caught.value.code == code


def test_concatenation_adds_channels() -> None:
    types = (tensor("real", 4, 5, 6), tensor("real", 1, 5, 6), tensor("real", 2, 5, 6))
    assert made("concat", types).shape == (7, 5, 6)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (tensor("complex", 4, 8, 8), "N0304"),
        (tensor("real", 4, 8, 9), "N0302"),
        (tensor("real", 5, 8, 8), "N0303"),
    ],
)
def test_tensors_that_differ_do_not_join(other: TensorType, code: str) -> None:
    with pytest.raises(TypeRuleError) as caught:
        joined("`+`", (tensor("real", 4, 8, 8), other))
    assert caught.value.code == code
