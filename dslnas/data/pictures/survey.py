"""What a data set of pictures holds, looked at before anything is trained: classes, sizes, modes, copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..dataset import SPLITS, Clip, DataSet, OnProgress, silent
from ..own.looked_at import LookedAt
from .reading import TRAITS, UnusablePicture, read_picture

UNEVEN = 3.0  # a class with so many times the pictures of another is told
THREADS = 4
_BATCH = 64


@dataclass(frozen=True)
class Look:
    """One picture: its size as it is seen, upright, its mode as Pillow calls it, names of `TRAITS`.

    problem: why it cannot be used; empty where it can.
    """

    clip: Clip
    width: int = 0
    height: int = 0
    mode: str = ""
    traits: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class PictureSurvey(LookedAt[Look]):
    """A data set of pictures and a look at each."""

    @property
    def modes(self) -> list[tuple[str, int]]:
        """How many pictures have each mode."""
        return sorted(Counter(look.mode for look in self.usable).items())

    @property
    def traits(self) -> list[tuple[str, int]]:
        """How many pictures are turned, animated, and so on, in the order of `TRAITS`."""
        counts = Counter(trait for look in self.usable for trait in look.traits)
        return [(name, counts[name]) for name in TRAITS if counts[name]]


def picture_survey(data: DataSet, on_progress: OnProgress = silent) -> PictureSurvey:
    """Read every picture of a data set."""
    looks: list[Look] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(data.clips), _BATCH):
            batch = data.clips[start : start + _BATCH]
            looks += pool.map(_look, batch)
            on_progress("looking at pictures", start + len(batch), len(data.clips))
    return PictureSurvey(data, tuple(looks))


def _look(clip: Clip) -> Look:
    try:
        picture = read_picture(clip.path)
    except UnusablePicture as error:
        return Look(clip, problem=str(error))
    return Look(clip, *picture.image.size, picture.mode, picture.traits)


def class_facts(found: PictureSurvey) -> list[dict[str, Any]]:
    """The facts of each class: pictures by split, and the smallest, the median and the largest size."""
    return [_facts(found, label) for label in range(len(found.data.classes))]


def _facts(found: PictureSurvey, label: int) -> dict[str, Any]:
    looks = [look for look in found.usable if look.clip.label == label]
    return {
        "name": found.data.classes[label],
        "pictures": len(looks),
        **{split: sum(look.clip.split == split for look in looks) for split in SPLITS},
        "width": _extent([look.width for look in looks]),
        "height": _extent([look.height for look in looks]),
    }


def _extent(sizes: Sequence[int]) -> dict[str, float]:
    return {
        "least": min(sizes, default=0),
        "median": median(sizes) if sizes else 0,
        "most": max(sizes, default=0),
    }


def warnings(found: PictureSurvey) -> list[str]:
    """What deserves a look before training, beside what the notes of the data set say."""
    facts = class_facts(found)
    least = min((one["pictures"] for one in facts), default=0)
    most = max((one["pictures"] for one in facts), default=0)
    told = [f"{count} of {len(found.usable)} pictures {TRAITS[name]}" for name, count in found.traits]
    if least and most / least > UNEVEN:
        told.append(
            f"the largest class has {most / least:.1f} times the pictures of the smallest: "
            "`train.balance=loss` or `sampling` makes them count alike"
        )
    for one in facts:
        if missing := [split for split in SPLITS if not one[split]]:
            told.append(f"no picture of `{one['name']}` in {', '.join(missing)}")
    return told


def to_json(found: PictureSurvey) -> dict[str, Any]:
    """The survey as JSON data."""
    return {
        "data": found.data.name,
        "pictures": {split: found.data.count(split) for split in SPLITS},
        "classes": class_facts(found),
        "modes": dict(found.modes),
        "traits": dict(found.traits),
        "copies": found.copies,
        "skipped": [{"path": path, "reason": reason} for path, reason in found.left_out],
        "notes": list(found.data.notes),
        "warnings": warnings(found),
    }
