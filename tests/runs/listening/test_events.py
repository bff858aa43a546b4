"""Events: smoothing is a mean around each window, and an event is a stretch above the threshold."""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslnas.runs.listening.events import Event, Score, events, smoothed

VALUES = st.lists(st.floats(0, 1), max_size=30)


@given(VALUES, st.sampled_from([1, 3, 5, 9]))
def test_smoothing_is_the_mean_of_those_around(values: list[float], count: int) -> None:
    found = list(smoothed((Score(place, (value, 1 - value)) for place, value in enumerate(values)), count))
    half = count // 2
    assert [one.time for one in found] == list(range(len(values)))
    for place, one in enumerate(found):
        near = values[max(0, place - half) : place + half + 1]
        assert one.probabilities == pytest.approx((fmean(near), 1 - fmean(near)))


def test_smoothing_waits_for_no_more_than_it_needs() -> None:
    seen: list[int] = []

    def coming() -> object:
        for place in range(9):
            seen.append(place)
            yield Score(place, (1.0,))

    first = next(smoothed(coming(), 5))  # type: ignore[arg-type]
    assert first.time == 0 and seen == [0, 1, 2]


@given(st.lists(st.sampled_from(["", "a", "b"]), max_size=25))
def test_events_are_the_stretches_of_one_class(told: list[str]) -> None:
    rows = {"": (0.4, 0.4), "a": (0.9, 0.1), "b": (0.2, 0.8)}
    found = list(events([Score(0.5 * i, rows[one]) for i, one in enumerate(told)], "ab", 0.5, 0.6))
    marked = [""] * len(told)
    for event in found:
        for place in range(len(told)):
            if event.begin <= 0.5 * place <= event.end:
                assert not marked[place], "events do not overlap"
                marked[place] = event.label
    assert marked == told
    assert all(before.end <= after.begin for before, after in pairwise(found))


def test_an_event_says_when_it_was_clearest_and_ignored_classes_are_none() -> None:
    scores = [
        Score(t, row) for t, row in ((0, (0.0, 0.0)), (1, (0.7, 0.3)), (2, (0.9, 0.1)), (3, (0.2, 0.8)))
    ]
    assert list(events(scores, ("a", "b"), 1.0, 0.5)) == [
        Event("a", 0.5, 2.5, 2, 0.9),
        Event("b", 2.5, 3.5, 3, 0.8),
    ]
    assert [one.label for one in events(scores, ("a", "b"), 1.0, 0.5, {"a"})] == ["b"]
    assert list(events(scores, ("a", "b"), 1.0, 0.95)) == []
    assert list(events([Score(0, (0.0,))], ("a",), 1.0, 0.0)) == [], "silence is no event at any threshold"
