"""DCASE 2018 task 5 (Dekkers et al., 2018): domestic activities, ten seconds from four microphones.

The development set: `evaluation_setup/fold{1-4}_evaluate.txt` lists what a fold tests, a path such as
`audio/DevNode1_ex12_3.wav` and a class on each line. Folds never share a recorded session.
"""

from __future__ import annotations

from pathlib import Path

from ..diagnostics import fail
from .catalog import Known
from .dataset import Clip, DataOptions, DataSet, SplitName

FOLDS = 4


def read_dcase2018(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips in `folder`: fold `options.fold` is the test, the next one the validation, two train."""
    if options.split == "speaker":
        help = "its folds already hold recorded sessions out: use `official`"
        raise fail("N0603", f"`data.split` is `speaker`, but {known.name} has no speakers", help=help)
    if options.fold > FOLDS:
        raise fail("N0603", f"`data.fold` is {options.fold}", help=f"{known.name} has four folds, from 1")
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for fold in range(1, FOLDS + 1):
        for path, name in _listed(folder, fold):
            if name not in known.classes:
                skipped.append((str(path), f"`{name}` is no class of {known.name}"))
            elif not path.is_file():
                skipped.append((str(path), f"listed for fold {fold}, but not there"))
            else:
                session = path.stem.rpartition("_")[0]
                split = _split(fold, options.fold)
                clips.append(Clip(str(path), known.classes.index(name), split, session))
    note = f"fold {options.fold} is the test, fold {options.fold % FOLDS + 1} the validation"
    return DataSet(
        known.name,
        known.classes,
        tuple(clips),
        licence=known.licence,
        notes=(note,),
        skipped=tuple(skipped),
    )


def _split(fold: int, test: int) -> SplitName:
    """The split of a fold where fold `test` is the test, both counted from 1."""
    splits: tuple[SplitName, ...] = ("test", "validation", "train", "train")
    return splits[(fold - test) % FOLDS]


def _listed(folder: Path, fold: int) -> list[tuple[Path, str]]:
    """The segments that a fold tests, and their classes, in the order of their names."""
    path = folder / f"evaluation_setup/fold{fold}_evaluate.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise fail("N0604", f"the list {path} cannot be read: {error}") from None
    rows = [line.split("\t") for line in lines if line.strip()]
    return sorted((folder / row[0], row[1].strip() if len(row) > 1 else "") for row in rows)
