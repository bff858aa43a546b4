"""Joins: sums, products and concatenations of types that fit."""

from __future__ import annotations

import pytest
from typed_modules import made

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.joins import joined
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Dim, TensorType, tensor


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


@pytest.mark.parametrize("name", ["add", "subtract", "multiply"])
@pytest.mark.parametrize(
    ("x", "other", "code"),
    [
        (tensor("real", "C", "F", "T"), tensor("real", "C", Dim.of("F").divided(2), "T"), "N0302"),
        (tensor("real", 4, 1, 6), tensor("real", 4, 10, 1), "N0302"),
        (tensor("real", 4, 10, 6), tensor("real", 4, 6), "N0302"),
        (tensor("real", 4, 10, 6), tensor("real", 4, 2, 6), "N0302"),
        (tensor("real", 4, 10, 6), tensor("real", 1, 10, 6), "N0303"),
        (tensor("real", 4, 10, 6), tensor("real", 3, 1, 6), "N0303"),
        (tensor("real", 4, 10, 6), tensor("real", 3), "N0303"),
        (tensor("real", 4, 10, 6), tensor("complex", 4, 1, 6), "N0304"),
    ],
)
def test_nothing_is_spread_by_accident(name: str, x: TensorType, other: TensorType, code: str) -> None:
    for inputs in ((x, other), (other, x)):
        with pytest.raises(TypeRuleError) as caught:
            REGISTRY[name].type_rule(inputs, {}, "real")
        assert caught.value.code == code


@pytest.mark.parametrize("size", [("F", "T"), (10, 6), ("F", 6)])
def test_means_and_vectors_are_spread_over_the_whole(size: tuple[int | str, int | str]) -> None:
    whole = tensor("real", "C", *size)
    for other in (tensor("real", "C", 1, size[1]), tensor("real", "C", size[0], 1), tensor("real", "C")):
        for inputs in ((whole, other), (other, whole), (other, whole, other)):
            assert REGISTRY["multiply"].type_rule(inputs, {}, "real") == whole


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
