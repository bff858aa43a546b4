"""Dimensions: what is computed with symbols is what numbers give."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dims, exact_dims

from dslnas.ir.tensortype import Dim, UnknownSize, tensor

values = st.fixed_dictionaries({"C": st.integers(1, 64), "F": st.integers(1, 64), "T": st.integers(1, 64)})


@given(exact_dims(), exact_dims(), values)
def test_sums_bind_to_sums(one: Dim, other: Dim, values: dict[str, int]) -> None:
    assert (one + other).bind(values) == one.bind(values) + other.bind(values)
    assert one + other == other + one
    assert (one + other) - other == one


@given(dims(), st.integers(-9, 9), values)
def test_sizes_and_numbers_add_up(one: Dim, number: int, values: dict[str, int]) -> None:
    assert (one + number).bind(values) == one.bind(values) + number


@given(dims(), st.integers(1, 5), values)
def test_quotients_bind_to_quotients_rounded_up(one: Dim, divisor: int, values: dict[str, int]) -> None:
    assert one.divided(divisor).bind(values) == ceil(one.bind(values) / divisor)
    assert one.repeated(divisor).bind(values) == one.bind(values) * divisor
    assert one.divided(2).repeated(2).bind(values) == one.divided(2).bind(values) * 2


@given(dims(), st.integers(1, 5), values)
def test_quotients_of_python_are_rounded_down(one: Dim, divisor: int, values: dict[str, int]) -> None:
    assert (one // divisor).bind(values) == one.bind(values) // divisor


@given(exact_dims(), st.integers(0, 5), st.integers(1, 5), values)
def test_products_and_remainders_are_those_of_numbers(
    one: Dim, factor: int, divisor: int, values: dict[str, int]
) -> None:
    assert (factor * one).bind(values) == (one * factor).bind(values) == factor * one.bind(values)
    assert (factor + one).bind(values) == factor + one.bind(values)
    assert (factor - one).bind(values) == factor - one.bind(values)
    assert divisor * one % divisor == 0
    try:
        assert one % divisor == one.bind(values) % divisor
    except UnknownSize as error:
        assert error.dim.symbols


@given(st.integers(-9, 99), st.integers(1, 9))
def test_a_known_size_is_a_number_of_python_and_a_symbol_is_none(number: int, other: int) -> None:
    one = Dim.of(number)
    assert int(one) == number and range(100)[one] == range(100)[number] and one % other == number % other
    assert (one < other, one <= other, one > other, one >= other) == (
        number < other,
        number <= other,
        number > other,
        number >= other,
    )
    for asked in (int, lambda dim: dim % 2, lambda dim: dim < 3, lambda dim: [0][dim]):
        with pytest.raises(UnknownSize, match="`T` stands for any number"):
            asked(Dim.of("T"))


@given(st.sampled_from("CFT"), st.integers(1, 4), st.integers(1, 4))
def test_halves_of_halves_are_quarters(symbol: str, one: int, other: int) -> None:
    assert Dim.of(symbol).divided(one).divided(other) == Dim.of(symbol).divided(one * other)


@given(dims(), values)
def test_a_dimension_is_known_when_it_has_no_symbol(one: Dim, values: dict[str, int]) -> None:
    assert one.known is None or one.known == one.bind(values)
    assert str(one)


@pytest.mark.parametrize(
    ("dim", "shown"),
    [
        (Dim.of("C").scaled(3), "3C"),
        (Dim.of("T").divided(2), "T/2"),
        (Dim.of("T").divided(2).repeated(2), "2⌈T/2⌉"),
        (Dim.of("T").repeated(2), "2T"),
        ((Dim.of("T") + 1).divided(2), "⌈(1 + T)/2⌉"),
        (Dim.of("C") - Dim.of("C"), "0"),
        (Dim.of(16), "16"),
    ],
)
def test_dimensions_read_as_they_are_written(dim: Dim, shown: str) -> None:
    assert str(dim) == shown


def test_types_bind() -> None:
    type = tensor("real", "C", Dim.of("F").divided(2), "T")
    assert str(type) == "C x F/2 x T"
    assert type.bind({"C": 4, "F": 5, "T": 7}).shape == (4, 3, 7)
