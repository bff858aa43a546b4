"""Data sets in official folds: one of them tests, the next one validates, the others train."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, SplitName


@dataclass(frozen=True)
class Listed:
    """A recording as its data set lists it. group: what no two folds share; problem: why it is no clip."""

    path: Path
    label: str
    fold: int = 0
    group: str = ""
    problem: str = ""


def in_folds(
    known: Known, options: DataOptions, folds: int, held_out: str, listed: Iterable[Listed]
) -> DataSet:
    """The recordings with fold `options.fold` as the test, the next one as the validation.

    held_out: what folds hold out, in the plural. Raises DslnasError N0603 for a fold that is not there, and
    for a split by speakers, which are unknown, before any file is read.
    """
    if options.split == "speaker":
        help = f"its folds already hold {held_out} out: use `official`"
        raise fail("N0603", f"`data.split` is `speaker`, but {known.name} has no speakers", help=help)
    if options.fold > folds:
        raise fail("N0603", f"`data.fold` is {options.fold}", help=f"{known.name} has {folds} folds, from 1")
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for one in listed:
        if one.label not in known.classes:
            skipped.append((str(one.path), f"`{one.label}` is no class of {known.name}"))
        elif one.problem:
            skipped.append((str(one.path), one.problem))
        else:
            split = fold_split(one.fold, options.fold, folds)
            clips.append(Clip(str(one.path), known.classes.index(one.label), split, one.group))
    note = f"fold {options.fold} is the test, fold {options.fold % folds + 1} the validation"
    return DataSet.of(known, clips, notes=[note], skipped=skipped)


def fold_split(fold: int, test: int, folds: int) -> SplitName:
    """The split of a fold where fold `test` is the test, both counted from 1."""
    place = (fold - test) % folds
    if place == 0:
        return "test"
    return "validation" if place == 1 else "train"
