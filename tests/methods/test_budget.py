"""Bounds on what a network costs, read from texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.base.diagnostics import DslnasError
from dslnas.methods.budget import MEASURES, PRICES, Price, Requirement, parse_requirements


@pytest.mark.parametrize(
    ("text", "price", "limit"),
    [
        ("params < 100k", "params", 100_000),
        ("params < 99999", "params", 99_999),
        ("macs < 1.1M", "macs", 1_100_000),
        ("macs < 2G", "macs", 2e9),
        ("latency < 5ms", "latency", 5e-3),
        ("latency < 0.5s", "latency", 0.5),
        ("memory < 110KB", "memory", 110 * 1024),
        ("memory < 2MB", "memory", 2 * 1024 * 1024),
    ],
)
def test_a_bound_is_in_base_units_and_keeps_its_text(text: str, price: Price, limit: float) -> None:
    assert parse_requirements(text, "--require") == (Requirement(price, limit, text),)


@given(st.sampled_from(PRICES), st.decimals(min_value="0.1", max_value="999.9", places=1), st.data())
def test_the_text_of_a_bound_is_read_as_the_same_bound(
    price: Price, number: object, data: st.DataObject
) -> None:
    suffix = data.draw(st.sampled_from(MEASURES[price].suffixes))
    (one,) = parse_requirements(f"{price}   <  {number}{suffix}", "--require")
    assert parse_requirements(one.text, "--pick") == (one,)
    (computed,) = parse_requirements(
        f"{price} < 1 * 3{suffix}" if not MEASURES[price].unit else one.text, "-"
    )
    assert parse_requirements(computed.text, "-") == (computed,)


@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12))
def test_a_value_keeps_to_a_bound_or_exceeds_it(limit: float, value: float) -> None:
    bound = Requirement("macs", limit, "")
    assert bound.met(value) == (value < limit)
    assert (bound.excess(value) == 0) == (value <= limit)


@pytest.mark.parametrize(
    ("text", "column", "message", "help"),
    [
        ("params", 1, "a requirement is a bound", "`params < 100k, macs"),
        ("param < 10k", 1, "`param` is nothing that a network costs", "did you mean `params`?"),
        ("accuracy > 90%", 1, "`accuracy` is ranked, not required", "`maximize: accuracy`"),
        ("params > 100k", 8, "`<`, not `>`", "`params < 100k`"),
        ("params <= 100k", 8, "`<`, not `<=`", "`params < 100k`"),
        ("100k > params", 1, "stands on the right", "`params < 100k`"),
        ("latency < 5", 11, "`latency` is in seconds, not `5`", "`latency < 5ms`, `latency < 5s`"),
        ("memory < 110", 10, "`memory` is in bytes", "`memory < 110KB`, `memory < 110MB`"),
        ("memory < 5ms", 10, "`memory` is in bytes", "`memory < 5KB`"),
        ("params < 100KB", 10, "`params` is a plain number", "`params < 100k`"),
        ("params < 100K", 10, "`K` is no unit", "did you mean `k`?"),
        ("macs < 20m", 8, "`m` is no unit", "did you mean `M`?"),
        ("params < many", 10, "a plain number, not `many`", "`params < 100k`"),
        ("params < 0", 10, "a bound is above 0", ""),
        ("latency < -5ms", 11, "a bound is above 0", ""),
        ("params < 10k, macs < 5M, params < 5k", 26, "`params` is bounded twice", "lower"),
        ("params < 1000000000G", 10, "too large", ""),
        ("params <", 9, "", ""),
    ],
)
def test_what_is_no_bound_is_told_at_its_place(text: str, column: int, message: str, help: str) -> None:
    with pytest.raises(DslnasError) as caught:
        parse_requirements(text, "--require")
    (one,) = caught.value.diagnostics
    assert one.span is not None and one.span.source.name == "--require"
    assert one.span.column == column
    assert message in one.message and help in one.help
