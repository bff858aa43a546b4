"""Splits clips into train, validation and test where no official list does, by hashes of their names."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TypeVar

from ..base.diagnostics import fail
from .dataset import SPLITS, Clip, DataOptions, DataSet, SplitName

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


def digest(text: str) -> str:
    """A hash that is the same on every machine; sorting by it is a reproducible shuffle."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """The items of each key, keys and items in the order in which they first come."""
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def stratified(names: Sequence[str], labels: Sequence[int]) -> list[SplitName]:
    """70 % train, 10 % validation, 20 % test of every class, chosen by a hash of the names.

    Clips of one name stay together, and count for the class of the first of them. A class of three names or
    more has at least one in each split; of two names one is tested, a single one is trained on.
    """
    splits: list[SplitName] = ["train"] * len(names)
    together = grouped(range(len(names)), lambda index: names[index])
    for units in grouped(together.values(), lambda unit: labels[unit[0]]).values():
        units = sorted(units, key=lambda unit: digest(names[unit[0]]))
        clips = sum(map(len, units))
        test = _units(units, 0.2 * clips) if len(units) > 1 else 0
        validation = _units(units[test:], 0.1 * clips) if len(units) > 2 else 0
        test = min(test, max(1, len(units) - 1 - validation))
        for place, unit in enumerate(units[: test + validation]):
            for index in unit:
                splits[index] = "test" if place < test else "validation"
    return splits


def _units(units: Sequence[Sequence[int]], clips: float) -> int:
    """How many of the first units hold about so many clips; at least one."""
    held = list(accumulate(map(len, units)))
    wanted = max(1, round(clips))
    return next((number for number, count in enumerate(held, 1) if count >= wanted), len(units))


def by_speaker(clips: Sequence[Clip], fold: int) -> tuple[tuple[Clip, ...], str]:
    """Hold speakers out: the clips with new splits, and a note that names the speakers of the test.

    With six speakers or more a fifth of them is the test and an eighth the validation. With fewer, one
    speaker is the test, and the validation is a tenth of every other speaker's clips, chosen by a hash.
    fold: which speakers, from 1: each speaker is the test in exactly one fold.
    DslnasError N0603 where speakers are too few or the fold does not exist.
    """
    speakers = sorted({clip.group for clip in clips})
    if len(speakers) < 2:
        raise fail("N0603", "`data.split` is `speaker`, but there is a single speaker", help="use `official`")
    size = max(1, len(speakers) // 5)
    folds = [speakers[start : start + size] for start in range(0, len(speakers), size)]
    if fold > len(folds):
        raise fail("N0603", f"`data.fold` is {fold}", help=f"there are {len(folds)} folds, from 1")
    test = set(folds[-fold])
    rest = [speaker for speaker in speakers if speaker not in test]
    validation = set(rest[-max(1, len(speakers) // 8) :]) if len(speakers) >= 6 else set()
    held = _tenth(clip for clip in clips if clip.group not in test) if not validation else set()

    def split(clip: Clip) -> SplitName:
        if clip.group in test:
            return "test"
        return "validation" if clip.group in validation or clip.key in held else "train"

    names = f"{', '.join(sorted(test)[:6])}{', ...' if len(test) > 6 else ''}"
    note = f"speakers held out for the test: {names} ({len(test)} of {len(speakers)})"
    if not validation:
        note += "; the validation split shares its speakers with the training split"
    return tuple(replace(clip, split=split(clip)) for clip in clips), note


def _tenth(clips: Iterable[Clip]) -> set[str]:
    """The keys of a tenth of each speaker's clips of each class."""
    chosen: set[str] = set()
    for members in grouped(clips, lambda clip: (clip.group, clip.label)).values():
        ordered = sorted(members, key=lambda clip: digest(clip.key))
        chosen.update(clip.key for clip in ordered[: max(1, len(ordered) // 10)])
    return chosen


def together(clips: Sequence[Clip]) -> list[str]:
    """For each clip the name of all those that stand on one side of a split with it.

    They share its group, where that is known, its recording, or one of the same bytes; and so on from these.
    """
    leads: dict[str, str] = {}

    def first(name: str) -> str:
        while (next_one := leads.setdefault(name, name)) != name:
            leads[name] = leads[next_one]
            name = leads[name]
        return name

    for clip in clips:
        if clip.group:
            one, other = sorted((first(f"file {clip.file_key}"), first(f"group {clip.group}")))
            leads[other] = one
    return [first(f"file {clip.file_key}") for clip in clips]


def dealt(names: Sequence[str], labels: Sequence[int], folds: int) -> list[int]:
    """The fold of each clip, from 1, so that each fold has about the same share of every class.

    Clips of one name stay together. Large units are dealt first, then by a hash of their names, each to the
    fold that has the least of its classes, and of these to the smallest. Raises DslnasError N0603 where there
    are fewer names than folds.
    """
    units = grouped(range(len(names)), lambda index: names[index])
    if len(units) < folds:
        help = f"at most {len(units)}: so many recordings or groups there are to share out"
        raise fail("N0603", f"`data.folds` is {folds}", help=help)
    totals = Counter(labels)
    held: list[Counter[int]] = [Counter() for _ in range(folds)]
    sizes = [0] * folds
    found = [0] * len(names)
    for name in sorted(units, key=lambda name: (-len(units[name]), digest(name))):
        own = Counter(labels[index] for index in units[name])

        def crowded(place: int, own: Counter[int] = own) -> tuple[float, int]:
            share = sum(count * held[place][label] / totals[label] for label, count in own.items())
            return share, sizes[place]

        place = min(range(folds), key=crowded)
        held[place].update(own)
        sizes[place] += len(units[name])
        for index in units[name]:
            found[index] = place + 1
    return found


def fold_split(fold: int, test: int, folds: int) -> SplitName:
    """The split of a fold where fold `test` is the test and the next one the validation, counted from 1."""
    place = (fold - test) % folds
    if place == 0:
        return "test"
    return "validation" if place == 1 else "train"


def in_own_folds(clips: Sequence[Clip], options: DataOptions) -> tuple[list[Clip], tuple[str, ...]]:
    """The clips with fold `options.fold` of `options.folds` as the test, the next one as the validation.

    Folds are stratified by class; groups, recordings and copies stand in one fold. Also notes on what was
    done. DslnasError N0603 where speakers are asked for and unknown, or there are too few groups.
    """
    grouped_clips = sum(bool(clip.group) for clip in clips)
    if options.split == "speaker" and grouped_clips < len(clips):
        unknown = f"{len(clips) - grouped_clips} of {len(clips)} clips have no speaker that is known"
        raise fail("N0603", f"`data.split` is `speaker`, but {unknown}", help="leave it out")
    names, labels = together(clips), [clip.label for clip in clips]
    places = dealt(names, labels, options.folds)
    sides = [fold_split(place, options.fold, options.folds) for place in places]
    kept = "whole groups (speakers, recordings)" if grouped_clips else "whole recordings"
    notes = [
        f"fold {options.fold} of {options.folds} is the test, the next one the validation: {kept} in each, "
        "stratified by class"
    ]
    units = Counter(label for label, _ in {(label, name) for label, name in zip(labels, names, strict=True)})
    if few := sum(count < options.folds for count in units.values()):
        notes.append(f"{few} classes have fewer recordings or groups than folds: some folds do not test them")
    return [replace(clip, split=side) for clip, side in zip(clips, sides, strict=True)], tuple(notes)


def thin(data: DataSet, clips: int) -> DataSet:
    """At most about `clips` clips, the same share of every class and split (at least one), by a hash."""
    if clips >= len(data.clips):
        return data
    share = clips / len(data.clips)
    kept: set[str] = set()
    for members in grouped(data.clips, lambda clip: (clip.split, clip.label)).values():
        ordered = sorted(members, key=lambda clip: digest(clip.key))
        kept.update(clip.key for clip in ordered[: max(1, round(share * len(ordered)))])
    chosen = tuple(clip for clip in data.clips if clip.key in kept)
    note = f"{len(chosen)} of {len(data.clips)} clips are used, as `data.clips` says"
    return replace(data, clips=chosen, notes=(*data.notes, note))


def check(data: DataSet) -> DataSet:
    """The data set, checked, with a note on classes without training clips.

    DslnasError N0605 where it cannot train and test a classifier.
    """
    first = "".join(f"; {path}: {reason}" for path, reason in data.skipped[:3])
    if data.skipped and not data.clips:
        raise fail("N0605", f"{data.name}: no usable {data.what.removesuffix('s')}{first}")
    if len(data.classes) < 2:
        raise fail(
            "N0605",
            f"{data.name}: {len(data.classes)} class{'es' * (not data.classes)}{first}",
            help="a classifier needs at least two classes",
        )
    if missing := _without(data, {clip.label for clip in data.clips}):
        raise fail("N0605", f"{data.name}: no usable {data.what.removesuffix('s')} of {missing}{first}")
    for split in SPLITS:
        if not data.count(split):
            raise fail(
                "N0605",
                f"{data.name}: the {split} split is empty{first}",
                help=f"give every class at least three {data.what}, or say the splits yourself",
            )
    untrained = _without(data, {clip.label for clip in data.clips if clip.split == "train"})
    note = f"nothing to train on, and so never recognised: {untrained}"
    return replace(data, notes=(*data.notes, note)) if untrained and note not in data.notes else data


def _without(data: DataSet, labels: set[int]) -> str:
    """The names of the classes that are not among the labels."""
    names = [name for label, name in enumerate(data.classes) if label not in labels]
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
