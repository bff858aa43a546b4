"""What a data set holds, looked at before anything is trained: classes, lengths, rates, levels, copies."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ..audio import UnusableRecording, named, read_recording
from ..dataset import SPLITS, Clip, DataSet, OnProgress, silent
from ..splits import digest, grouped
from .contents import THREADS, with_contents
from .looked_at import LookedAt

HEARD = 2000  # recordings whose samples are read; of the others the header is
UNEVEN = 3.0  # a class with so many times the clips of another is told
CLIPPED = 0.999  # of full scale
_BATCH = 64


@dataclass(frozen=True)
class Look:
    """One clip: seconds, rate in hertz, channels; level and peak in dB of full scale where it was heard.

    problem: why it cannot be used; empty where it can. traits: `silent`, `clipped`, `rescaled`, `cancelled`.
    """

    clip: Clip
    seconds: float = 0.0
    rate: int = 0
    channels: int = 0
    level: float | None = None
    peak: float | None = None
    traits: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Survey(LookedAt[Look]):
    """A data set and a look at each of its clips. heard: how many were read in whole."""

    heard: int

    @property
    def several_classes(self) -> list[list[str]]:
        """The names of the files of each content that stands in several classes."""
        clips = [clip for clip in self.data.clips if clip.content and clip.segment is None]
        same = grouped(clips, lambda clip: clip.content).values()
        return [sorted(clip.name for clip in unit) for unit in same if len({clip.label for clip in unit}) > 1]

    @property
    def torn(self) -> list[list[str]]:
        """The names of the files of each content that stands on several sides of the split."""
        clips = [clip for clip in self.data.clips if clip.content and clip.segment is None]
        same = grouped(clips, lambda clip: clip.content).values()
        names = [(sorted({clip.name for clip in unit}), {clip.split for clip in unit}) for unit in same]
        return [unit for unit, sides in names if len(unit) > 1 and len(sides) > 1]

    @property
    def groups(self) -> dict[str, set[str]]:
        """The groups (speakers, source recordings) of the clips of each split; empty where none is known."""
        found: dict[str, set[str]] = {
            split: {clip.group for clip in self.data.clips if clip.split == split and clip.group}
            for split in SPLITS
        }
        return found if any(found.values()) else {}

    @property
    def shared_groups(self) -> set[str]:
        """The groups that test and train or validate as well."""
        known = self.groups
        return known["test"] & (known["train"] | known["validation"]) if known else set()

    @property
    def imbalance(self) -> float:
        """How many times the clips of the smallest class the largest one has."""
        counts = Counter(look.clip.label for look in self.usable)
        least = min((counts[label] for label in range(len(self.data.classes))), default=0)
        return max(counts.values(), default=0) / least if least else math.inf

    @property
    def rates(self) -> list[tuple[int, int]]:
        """How many clips have each rate, by rate."""
        return sorted(Counter(look.rate for look in self.usable).items())

    @property
    def channels(self) -> list[tuple[int, int]]:
        """How many clips have so many channels, by number."""
        return sorted(Counter(look.channels for look in self.usable).items())

    def of_class(self, label: int) -> list[Look]:
        """The clips of a class that can be used."""
        return [look for look in self.usable if look.clip.label == label]

    def with_trait(self, trait: str) -> list[Look]:
        """The clips that were heard to be `silent`, `clipped`, `rescaled` or `cancelled`."""
        return [look for look in self.usable if trait in look.traits]


def survey(data: DataSet, on_progress: OnProgress = silent, heard: int = HEARD) -> Survey:
    """Look at every clip of a data set of recordings, and listen to so many of them, chosen by a hash."""
    data = with_contents(data, on_progress)
    listened = {clip.key for clip in sorted(data.clips, key=lambda clip: digest(clip.key))[:heard]}
    looks: list[Look] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(data.clips), _BATCH):
            batch = data.clips[start : start + _BATCH]
            looks += pool.map(lambda clip: _look(clip, clip.key in listened), batch)
            on_progress("looking at recordings", start + len(batch), len(data.clips))
    return Survey(data, tuple(looks), sum(look.level is not None for look in looks))


def _look(clip: Clip, listen: bool) -> Look:
    import numpy as np
    import soundfile

    try:
        if not listen:
            facts = soundfile.info(named(clip.path))
            return Look(
                clip, _seconds(clip, facts.frames / facts.samplerate), facts.samplerate, facts.channels
            )
        recording = read_recording(clip.path, None, clip.channel, clip.segment)
        channels = soundfile.info(named(clip.path)).channels
    except UnusableRecording as error:
        return Look(clip, problem=str(error))
    except (OSError, RuntimeError, ValueError, TypeError):
        return Look(clip, problem="it cannot be read")
    peak = float(np.abs(recording.wave).max())
    level = math.sqrt(float(np.mean(np.square(recording.wave, dtype=np.float64))))
    traits = [name for name in ("silent", "rescaled", "cancelled") if getattr(recording, name)]
    if peak >= CLIPPED and not recording.rescaled:
        traits.append("clipped")
    return Look(
        clip, recording.seconds, recording.rate, channels, decibels(level), decibels(peak), tuple(traits)
    )


def _seconds(clip: Clip, whole: float) -> float:
    return whole if clip.segment is None else max(0.0, min(clip.segment[1], whole) - clip.segment[0])


def decibels(share: float) -> float:
    """A share of full scale in dB; no less than -120."""
    return 20 * math.log10(max(share, 1e-6))


def warnings(found: Survey) -> list[str]:
    """What deserves a look before training, beside what the notes of the data set say."""
    told = []
    if found.imbalance > UNEVEN and math.isfinite(found.imbalance):
        told.append(
            f"the largest class has {found.imbalance:.1f} times the clips of the smallest: "
            "`train.balance=loss` or `sampling` makes them count alike"
        )
    texts = {
        "silent": "are silent, and can only be guessed",
        "clipped": "reach full scale, and may be clipped",
        "rescaled": "have samples above full scale, and are brought down to it",
        "cancelled": "have channels that cancel out when they are mixed, of which the loudest is heard",
    }
    for trait, text in texts.items():
        if looks := found.with_trait(trait):
            told.append(f"{len(looks)} recordings {text}: {_names(look.clip for look in looks)}")
    if found.torn:
        names = "; ".join(" = ".join(unit[:2]) for unit in found.torn[:3])
        told.append(f"{len(found.torn)} recordings and their copies stand on several sides: {names}")
    if found.shared_groups:
        told.append(f"{len(found.shared_groups)} of {len(found.groups['test'])} groups of the test train too")
    return [*told, *_missing(found)]


def _missing(found: Survey) -> list[str]:
    """The classes that a split lacks, those that the same splits lack in one line."""
    there = {(look.clip.label, look.clip.split) for look in found.usable}
    lacking: dict[str, list[str]] = {}
    for label, name in enumerate(found.data.classes):
        if missing := [split for split in SPLITS if (label, split) not in there]:
            lacking.setdefault(", ".join(missing), []).append(f"`{name}`")
    return [
        f"no clip of {', '.join(names[:12])}{', ...' if len(names) > 12 else ''} in {splits}"
        for splits, names in lacking.items()
    ]


def _names(clips: Iterable[Clip]) -> str:
    names = [clip.name or Path(clip.path).name for clip in clips]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def histogram(values: Sequence[float], bins: int = 20) -> list[tuple[float, float, int]]:
    """(from, to, how many) of values in bins of one width; one bin where all are alike, none for none."""
    if not values:
        return []
    low, high = min(values), max(values)
    if high - low < 1e-9:
        return [(low, high, len(values))]
    width = (high - low) / bins
    counts = Counter(min(int((value - low) / width), bins - 1) for value in values)
    return [(low + place * width, low + (place + 1) * width, counts[place]) for place in range(bins)]


def to_json(found: Survey) -> dict[str, Any]:
    """The survey as JSON data."""
    return {
        "data": found.data.name,
        "clips": {split: found.data.count(split) for split in SPLITS},
        "classes": [_class_facts(found, label) for label in range(len(found.data.classes))],
        "rates": {str(rate): count for rate, count in found.rates},
        "channels": {str(number): count for number, count in found.channels},
        "heard": found.heard,
        "imbalance": found.imbalance if math.isfinite(found.imbalance) else None,
        "copies": found.copies,
        "several_classes": found.several_classes,
        "on_several_sides": found.torn,
        "groups": {split: len(known) for split, known in found.groups.items()},
        "shared_groups": len(found.shared_groups),
        **{trait: [look.clip.path for look in found.with_trait(trait)] for trait in ("silent", "clipped")},
        "skipped": [{"path": path, "reason": reason} for path, reason in found.left_out],
        "notes": list(found.data.notes),
        "warnings": warnings(found),
    }


def _class_facts(found: Survey, label: int) -> dict[str, Any]:
    looks = found.of_class(label)
    seconds = [look.seconds for look in looks]
    levels = [look.level for look in looks if look.level is not None]
    return {
        "name": found.data.classes[label],
        **{split: sum(look.clip.split == split for look in looks) for split in SPLITS},
        "clips": len(looks),
        "seconds": {
            "total": sum(seconds),
            "shortest": min(seconds, default=0.0),
            "median": median(seconds) if seconds else 0.0,
            "longest": max(seconds, default=0.0),
        },
        "level": median(levels) if levels else None,
    }


def class_facts(found: Survey) -> list[dict[str, Any]]:
    """The facts of each class: clips by split, seconds, and the median level in dB of full scale."""
    return [_class_facts(found, label) for label in range(len(found.data.classes))]
