"""Hits and false alarms over thresholds, and the labels that they are counted by."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import refused

from dslnas.runs.listening.detection import curve, hits
from dslnas.runs.listening.events import Event, Score
from dslnas.runs.listening.labels import Label, stream_labels

PLACES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30), st.integers(0, 5)), max_size=4)


def most(found: list[Event], labels: list[Label], tolerance: float) -> int:
    """The largest number of pairs of an event and a label that meet, by trying all."""
    if not labels:
        return 0
    first, rest = labels[0], labels[1:]
    best = most(found, rest, tolerance)
    for place, one in enumerate(found):
        near = one.begin <= first.end + tolerance and one.end >= first.begin - tolerance
        if near and one.label == first.label:
            best = max(best, 1 + most(found[:place] + found[place + 1 :], rest, tolerance))
    return best


@given(PLACES, PLACES, st.integers(0, 4))
def test_each_event_hits_one_label_at_most(
    told: list[tuple[str, int, int]], heard: list[tuple[str, int, int]], tolerance: int
) -> None:
    labels = [Label(name, begin, begin + length) for name, begin, length in told]
    found = [Event(name, begin, begin + length, begin, 0.9) for name, begin, length in heard]
    count = hits(found, labels, tolerance)
    best = most(found, labels, tolerance)
    assert best / 2 <= count <= best
    own = [Event(one.label, one.begin, one.end, one.begin, 0.9) for one in labels]
    assert hits(own, labels, tolerance) == len(labels), "what is heard exactly is a hit"
    assert hits([Event("c", 0, 40, 0, 0.9)] * 3, labels, tolerance) == 0


def test_a_curve_counts_what_is_heard_at_each_threshold() -> None:
    values = [0.0, 0.9, 0.0, 0.0, 0.6, 0.0, 0.0, 0.3, 0.0]
    scores = [Score(place, (value, 0.0)) for place, value in enumerate(values)]
    labels = [Label("a", 1, 1), Label("a", 7, 7), Label("b", 4, 4)]
    points = curve(scores, "ab", 1.0, labels, 0.5, 0.2, thresholds=(0.2, 0.5, 0.8, 0.95))
    assert [(one.hits, one.alarms) for one in points] == [(2, 1), (1, 1), (1, 0), (0, 0)]
    assert points[0].rate == pytest.approx(2 / 3) and points[0].alarms_per_hour == 2.0
    (without,) = curve(scores, "ab", 1.0, labels, 0.5, 0.2, {"b"}, (0.2,))
    assert (without.labels, without.rate) == (2, 1.0)
    (near,) = curve(scores, "ab", 1.0, [Label("a", 2.5, 3.0)], 1.0, 1.0, thresholds=(0.8,))
    assert near.hits == 1, "within the tolerance"


def test_labels_of_both_forms(tmp_path: Path) -> None:
    recording = tmp_path / "day.wav"
    (tmp_path / "day.txt").write_text("1,5\t2.5\tDog\n\\\t100\t200\n0\t1\train\n3\t4\tcar\n")
    (tmp_path / "all.csv").write_text(
        "file,label,start,end\nday.wav,Dog,1.5,2.5\nnight.wav,dog,0,9\nday.wav,rain,0,1\nday.wav,car,3,4\n"
    )
    expected = [Label("rain", 0, 1), Label("dog", 1.5, 2.5)], 1
    for name in ("day.txt", "all.csv"):
        assert stream_labels(tmp_path / name, recording, ("dog", "rain")) == expected
    (tmp_path / "bad.csv").write_text("file,label,start,end\nday.wav,dog,2,1\n")
    (tmp_path / "none.txt").write_text("no labels\n")
    refused("N0605", "bad.csv:2", lambda: stream_labels(tmp_path / "bad.csv", recording, ("dog",)))
    for name in ("none.txt", "gone.txt", "gone.csv"):
        code = "N0605" if name == "none.txt" else "N0604"
        refused(code, name, lambda name=name: stream_labels(tmp_path / name, recording, ("dog",)))  # type: ignore[misc]
