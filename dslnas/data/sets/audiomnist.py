"""AudioMNIST (Becker et al., arXiv:1807.03418): `data/{speaker 01-60}/{digit}_{speaker}_{n}.wav`, 48 kHz.

Official split: five groups of twelve speakers; in fold k three of them train, the next one validates, and the
one after that is the test.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import SPEAKERS_ARE_OUT, Clip, DataOptions, DataSet, SplitName

_NAME = re.compile(r"([0-9])_([0-9]{2})_([0-9]+)")
_GROUPS = (
    "28 56 7 19 35 1 6 16 23 34 46 53",
    "36 57 9 24 37 2 8 17 29 39 48 54",
    "43 58 14 25 38 3 10 20 30 40 49 55",
    "12 47 59 15 27 41 4 11 21 31 44 50",
    "26 52 60 18 32 42 5 13 22 33 45 51",
)
GROUP_OF = {f"{int(speaker):02}": group for group, line in enumerate(_GROUPS) for speaker in line.split()}


def read_audiomnist(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips in `folder`, split by the official fold `options.fold` (1-5), which holds speakers out."""
    if options.fold > len(_GROUPS):
        raise fail("N0603", f"`data.fold` is {options.fold}", help="audiomnist has five folds, from 1")
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for path in sorted((folder / "data").glob("*/*.wav")):
        match = _NAME.fullmatch(path.stem)
        if match is None or match[2] != path.parent.name or match[2] not in GROUP_OF:
            skipped.append((str(path), "its name is not `{speaker}/{digit}_{speaker}_{n}.wav`"))
            continue
        split = official_split(match[2], options.fold)
        clips.append(Clip(str(path), int(match[1]), split, match[2], name=options.name_of(path, folder)))
    notes = [SPEAKERS_ARE_OUT] if options.split == "speaker" else []
    return DataSet.of(known, clips, notes=notes, skipped=skipped)


def official_split(speaker: str, fold: int) -> SplitName:
    """The split of a speaker (`"01"` ... `"60"`) in a fold, counted from 1."""
    place = (GROUP_OF[speaker] - (fold - 1)) % len(_GROUPS)
    if place < 3:
        return "train"
    return "validation" if place == 3 else "test"
