"""Free Spoken Digit Dataset: `recordings/{digit}_{speaker}_{index}.wav`, 8 kHz.

Official split: index 0-4 is the test. Index 5-9 is cut from the training split as validation.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, SplitName
from ..splits import by_speaker

_NAME = re.compile(r"([0-9])_([^_]+)_([0-9]+)")


def read_fsdd(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips in `folder`; with `split=speaker` one speaker is held out, another one in each fold."""
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for path in sorted((folder / "recordings").glob("*.wav")):
        if match := _NAME.fullmatch(path.stem):
            digit, speaker, index = match.groups()
            clips.append(
                Clip(
                    str(path),
                    int(digit),
                    _official(int(index)),
                    speaker,
                    name=options.name_of(path, folder),
                )
            )
        else:
            skipped.append((str(path), "its name is not `{digit}_{speaker}_{index}.wav`"))
    notes = ["validation: index 5-9 of the training split"]
    if options.split == "speaker":
        held, note = by_speaker(clips, options.fold)
        clips, notes = list(held), [note]
    return DataSet.of(known, clips, notes=notes, skipped=skipped)


def _official(index: int) -> SplitName:
    if index < 5:
        return "test"
    return "validation" if index < 10 else "train"
