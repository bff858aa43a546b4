"""How well events are heard in a recording whose labels are known: hits against false alarms."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...base.diagnostics import fail
from .events import Event, Score, events
from .labels import Label

if TYPE_CHECKING:
    import torch

    from ...data.resampling import Resampling
    from .hearing import Hearing

TOLERANCE = 0.5  # seconds, where nothing else is said
THRESHOLDS = (*(place / 20 for place in range(1, 20)), 0.98, 0.99, 0.995, 0.999)


@dataclass(frozen=True)
class Point:
    """What is heard at a threshold. hits: labels that an event meets; alarms: events that meet no label."""

    threshold: float
    labels: int
    hits: int
    alarms: int
    hours: float

    @property
    def rate(self) -> float:
        """The share of the labels that is heard."""
        return self.hits / self.labels

    @property
    def alarms_per_hour(self) -> float:
        """False alarms in an hour."""
        return self.alarms / self.hours


def hits(found: Iterable[Event], labels: Iterable[Label], tolerance: float) -> int:
    """How many labels are hit: by an event of the same class that meets the label, widened on both sides by
    the tolerance in seconds. An event hits one label at most, the earliest that no other has.
    """
    left = sorted(found, key=lambda one: one.begin)
    count = 0
    for label in sorted(labels, key=lambda one: (one.begin, one.end)):
        for place, event in enumerate(left):
            meets = event.begin <= label.end + tolerance and event.end >= label.begin - tolerance
            if event.label == label.label and meets:
                del left[place]
                count += 1
                break
    return count


def curve(
    scores: Sequence[Score],
    classes: Sequence[str],
    hop: float,
    labels: Sequence[Label],
    hours: float,
    tolerance: float = TOLERANCE,
    ignored: Collection[str] = (),
    thresholds: Sequence[float] = THRESHOLDS,
) -> list[Point]:
    """A point for each threshold. ignored: classes of which there are neither events nor labels."""
    wanted = [one for one in labels if one.label not in ignored]
    points = []
    for threshold in thresholds:
        found = list(events(scores, classes, hop, threshold, ignored))
        met = hits(found, wanted, tolerance)
        points.append(Point(threshold, len(wanted), met, len(found) - met, hours))
    return points


def scores_of_file(
    hearing: Hearing, path: Path, resampling: Resampling, hop: float, smooth: int
) -> tuple[list[Score], float]:
    """The smoothed scores of a recording, and its length in hours; DslnasError N0605 where it is unusable."""
    from ...data.audio import UnusableRecording
    from ...data.own.streams import from_file

    rate, samples = hearing.frontend.frontend.rate, 0

    def counted(blocks: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
        nonlocal samples
        for block in blocks:
            samples += len(block)
            yield block

    try:
        scores = list(hearing.follow(counted(from_file(path, rate, resampling)), hop, smooth))
    except UnusableRecording as error:
        raise fail("N0605", f"{path}: {error}") from None
    return scores, samples / rate / 3600
