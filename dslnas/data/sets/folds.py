"""Data sets in official folds: one of them tests, the next one validates, the others train."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, SplitName
from ..splits import digest, fold_split


@dataclass(frozen=True)
class Listed:
    """A recording as its data set lists it. group: what no two folds share; problem: why it is no clip."""

    path: Path
    label: str
    fold: int = 0
    group: str = ""
    problem: str = ""


def in_folds(
    known: Known,
    options: DataOptions,
    held_out: str,
    listed: Iterable[Listed],
    channels: int = 0,
) -> DataSet:
    """The recordings with fold `options.fold` as the test, the next one as the validation.

    held_out: what folds hold out, in the plural. channels: how many channels the recordings have, where each
    is a clip by itself: the test hears all of them, training and validation one of each recording, which
    follows from a hash of its name. Raises DslnasError N0603 for a fold that is not there, and
    for a split by speakers, which are unknown, before any file is read.
    """
    folds = known.folds
    if options.split == "speaker":
        help = f"its folds already hold {held_out} out: use `official`"
        raise fail("N0603", f"`data.split` is `speaker`, but {known.name} has no speakers", help=help)
    if options.fold > folds:
        raise fail("N0603", f"`data.fold` is {options.fold}", help=f"{known.name} has {folds} folds, from 1")
    if options.folds not in (0, folds):
        help = f"{known.name} comes in {folds}, which hold {held_out} out"
        raise fail("N0603", f"`data.folds` is {options.folds}", help=help)
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for one in listed:
        if one.label not in known.classes:
            skipped.append((str(one.path), f"`{one.label}` is no class of {known.name}"))
        elif one.problem:
            skipped.append((str(one.path), one.problem))
        else:
            split = fold_split(one.fold, options.fold, folds)
            label = known.classes.index(one.label)
            heard = _heard(one.path, split, channels)
            clips += [Clip(str(one.path), label, split, one.group, channel) for channel in heard]
    notes = [f"fold {options.fold} is the test, fold {options.fold % folds + 1} the validation"]
    if channels:
        notes.append(f"the test hears each of {channels} channels, the training one of each recording")
    return DataSet.of(known, clips, notes=notes, skipped=skipped)


def _heard(path: Path, split: SplitName, channels: int) -> Sequence[int | None]:
    """The channels of a recording that are clips, from 1; None for its mixture."""
    if not channels:
        return [None]
    return range(1, channels + 1) if split == "test" else [1 + int(digest(path.name), 16) % channels]
