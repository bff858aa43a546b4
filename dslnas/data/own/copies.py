"""Files of the same bytes: their clips stay on one side of a split, and are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..dataset import Clip
from ..splits import grouped

TOLD = 3  # of each kind by name
NEARNESS = {"train": 0, "validation": 1, "test": 2}  # how near a split is to the test


def with_twins(clips: Sequence[Clip], what: str = "recordings") -> tuple[list[Clip], tuple[str, ...]]:
    """The clips, each copy with the name of the first file of the same bytes; and notes on the copies."""
    units = _units(clips)
    first = {content: min(unit, key=lambda clip: clip.name).name for content, unit in units.items()}
    marked = [replace(clip, twin=first[clip.content]) if clip.content in first else clip for clip in clips]
    if not units:
        return marked, ()
    extra = sum(len({clip.name for clip in unit}) - 1 for unit in units.values())
    notes = [f"{extra} {what} are copies of others, byte for byte: {_told(units.values(), ' of ')}"]
    if torn := [unit for unit in units.values() if len({clip.label for clip in unit}) > 1]:
        notes.append(
            f"{len(torn)} {what} stand in several classes, of which one is wrong: {_told(torn, ' = ')}"
        )
    return marked, tuple(notes)


def _units(clips: Iterable[Clip]) -> dict[str, list[Clip]]:
    """The clips of each content that several files have."""
    same = grouped((clip for clip in clips if clip.content), lambda clip: clip.content)
    return {content: unit for content, unit in same.items() if len({clip.name for clip in unit}) > 1}


def _told(units: Iterable[Sequence[Clip]], between: str) -> str:
    """The first two names of the first few units."""
    names = [sorted({clip.name for clip in unit}, reverse=between == " of ")[:2] for unit in units]
    return "; ".join([*(between.join(pair) for pair in names[:TOLD]), *["..."] * (len(names) > TOLD)])


def on_one_side(clips: Sequence[Clip], what: str = "recordings") -> tuple[list[Clip], tuple[str, ...]]:
    """The clips without copies of what a split nearer to the test holds, where the user named the splits.

    Where that leaves a class nothing to train on or empties a split, all stay, and the note says what that
    means for the figures.
    """
    nearest: dict[str, int] = {}
    for clip in clips:
        nearest[clip.key] = max(nearest.get(clip.key, 0), NEARNESS[clip.split])
    kept = [clip for clip in clips if NEARNESS[clip.split] == nearest[clip.key]]
    astray = len(clips) - len(kept)
    if not astray:
        return list(clips), ()
    names = ", ".join([clip.name for clip in clips if NEARNESS[clip.split] != nearest[clip.key]][:TOLD])
    sides = {(clip.split, clip.label) for clip in clips if clip.split == "train"}
    if sides - {(clip.split, clip.label) for clip in kept}:
        note = f"{astray} {what} stand on several sides of the split, which makes the figures too good"
        return list(clips), (f"{note}: {names}",)
    note = f"{astray} copies of {what} that validate or test are left out"
    return kept, (f"{note}: {names}",)
