"""From the probabilities of windows that slide over a sound to events: smoothed, and above a threshold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """What is heard in a window. time: of its middle, in seconds; probabilities: one a class, all 0 where
    there is nothing to hear or what is heard is of no class.
    """

    time: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Event:
    """A sound of a class, from `begin` to `end` in seconds.

    probability: the highest of the smoothed ones, which is that of the window with its middle at `peak`.
    """

    label: str
    begin: float
    end: float
    peak: float
    probability: float


def smoothed(scores: Iterable[Score], count: int) -> Iterator[Score]:
    """Scores as the means of `count`, an odd number, around each; of fewer at the beginning and the end."""
    assert count % 2, "as many before as after"
    half = count // 2
    near: list[Score] = []  # those from place `first` on that are still needed
    first = place = 0

    def up_to(end: int) -> Iterator[Score]:
        nonlocal first, place
        while place < end:
            start = max(0, place - half)
            del near[: start - first]
            first = start
            around = near[: place + half + 1 - first]
            columns = zip(*(one.probabilities for one in around), strict=True)
            yield Score(near[place - first].time, tuple(sum(column) / len(around) for column in columns))
            place += 1

    for score in scores:
        near.append(score)
        yield from up_to(first + len(near) - half)
    yield from up_to(first + len(near))


def events(
    scores: Iterable[Score],
    classes: Sequence[str],
    hop: float,
    threshold: float,
    ignored: Collection[str] = (),
) -> Iterator[Event]:
    """The events in scores that are `hop` seconds apart, each as soon as it has ended.

    An event is a stretch of windows of which one class is the likeliest and has at least the threshold. Its
    times are those of the middles of the windows, half a hop before the first and after the last. Stretches
    of ignored classes are none.
    """
    stretch: list[tuple[Score, float]] = []
    last: str | None = None
    for score in scores:
        most = max(score.probabilities)
        label = classes[score.probabilities.index(most)] if most >= threshold and most > 0 else None
        label = None if label in ignored else label
        if label != last:
            if last is not None:
                yield _event(last, stretch, hop)
            stretch, last = [], label
        if label is not None:
            stretch.append((score, most))
    if last is not None:
        yield _event(last, stretch, hop)


def _event(label: str, stretch: Sequence[tuple[Score, float]], hop: float) -> Event:
    peak, probability = max(stretch, key=lambda one: one[1])
    begin, end = stretch[0][0].time - hop / 2, stretch[-1][0].time + hop / 2
    return Event(label, max(0.0, begin), end, peak.time, probability)
