"""Buffers in one piece of memory: those that are needed at once never overlap."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dslnas.ir.analysis.arena import Buffer, packed

buffers = st.lists(
    st.builds(
        lambda size, first, more: Buffer(size, first, first + more),
        st.integers(1, 50),
        st.integers(0, 12),
        st.integers(0, 5),
    ),
    max_size=15,
)


@given(buffers, st.sampled_from([1, 4]))
def test_buffers_that_are_needed_at_once_do_not_overlap(given: list[Buffer], step: int) -> None:
    arena = packed(given, step)
    places = list(zip(given, arena.starts, strict=True))
    for (one, start), (other, place) in combinations(places, 2):
        if one.meets(other):
            assert start + one.size <= place or place + other.size <= start
    assert all(start % step == 0 for start in arena.starts)
    assert arena.size == max((start + one.size for one, start in places), default=0)


@given(buffers)
def test_an_arena_holds_what_is_needed_at_once_and_no_more_than_all(given: list[Buffer]) -> None:
    least = max((sum(b.size for b in given if b.first <= step <= b.last) for step in range(18)), default=0)
    assert least <= packed(given).size <= sum(one.size for one in given)
