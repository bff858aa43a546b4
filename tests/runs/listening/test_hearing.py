"""What a network with known answers hears in real recordings that stand in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from stub_hearing import CLASSES, MIDDLE, RATE, stub_hearing

from dslnas.data.own.streams import from_file
from dslnas.runs.listening.events import Event, events
from dslnas.runs.listening.unknown import Threshold

HOP = 0.05


@pytest.fixture(scope="module")
def stream(
    data_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[tuple[str, float, float]]]:
    """Spoken digits with silence between, and where each is, with what the network is to call it."""
    files = sorted((data_root / "free-spoken-digit-dataset").rglob("*_0.wav"))[:6]
    parts, places, at = [np.zeros(9000, np.int16)], [], 9000
    for number, file in enumerate(files):
        wave = soundfile.read(file, dtype="int16")[0].astype(float)
        wave = np.round(wave / np.abs(wave).max() * (30000 if number % 2 else 9000)).astype(np.int16)
        wave[[0, -1]] = 1  # it begins and ends with a sound
        places.append((CLASSES[1 + number % 2], at / RATE, (at + len(wave)) / RATE))
        gap = np.zeros(7000 + 1111 * number, np.int16)
        parts += [wave, gap]
        at += len(wave) + len(gap)
    path = tmp_path_factory.mktemp("stream") / "digits.wav"
    soundfile.write(path, np.concatenate(parts), RATE)
    return path, places


def found(path: Path, smooth: int = 1, unknown: Threshold | None = None) -> list[Event]:
    scores = stub_hearing(unknown).follow(from_file(path, RATE), HOP, smooth)
    return list(events(scores, CLASSES, HOP, 0.5, {"still"}))


def test_events_stand_where_the_clips_are(stream: tuple[Path, list[tuple[str, float, float]]]) -> None:
    path, places = stream
    heard = found(path)
    reach = HOP + MIDDLE / RATE  # the network looks a little around the middle
    for label, begin, end in places:
        inside = [one for one in heard if begin - reach < one.begin and one.end < end + reach]
        assert abs(inside[0].begin - begin) <= reach and abs(inside[-1].end - end) <= reach
        assert label in {one.label for one in inside}
        heard = [one for one in heard if one not in inside]
    assert heard == [], "nothing is heard in the silence between"


def test_smoothing_joins_what_flickers(stream: tuple[Path, list[tuple[str, float, float]]]) -> None:
    path, places = stream
    assert len(places) <= len(found(path, 5)) <= len(found(path, 1))
    assert found(path, 5) == found(path, 5), "the same sound gives the same events"


def test_below_the_threshold_nothing_is_of_a_class(
    stream: tuple[Path, list[tuple[str, float, float]]],
) -> None:
    path, _ = stream
    assert found(path, 1, Threshold("probability", 0.97)) == []
    assert found(path, 1, Threshold("energy", 5.0)) == []
    assert found(path, 1, Threshold("probability", 0.9)) == found(path, 1)
