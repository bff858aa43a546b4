"""ESC-50 and ESC-10 (Piczak, ACM MM 2015): environmental sounds in five folds.

Two layouts: `meta/esc50.csv` with `audio/*.wav` (both sets; a column says what belongs to ESC-10), and the
older `{NNN - Class}/{fold}-{source}-{take}.ogg` of ESC-10. Folds never share a source recording.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ..diagnostics import fail
from .catalog import Known
from .dataset import Clip, DataOptions, DataSet, SplitName

FOLDS = 5
_NAME = re.compile(r"([1-5])-([0-9]+)-([A-Z])(?:-[0-9]+)?")
# The class folders of the older layout, by number.
_FOLDERS = {
    1: "dog",
    2: "rain",
    3: "sea_waves",
    4: "crying_baby",
    5: "clock_tick",
    6: "sneezing",
    7: "helicopter",
    8: "chainsaw",
    9: "rooster",
    10: "crackling_fire",
}
Row = tuple[Path, str]  # a recording and the name of its class


def read_esc(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips in `folder`: fold `options.fold` is the test, the next one the validation, three train."""
    if options.split == "speaker":
        raise fail(
            "N0603",
            f"`data.split` is `speaker`, but {known.name} has no speakers",
            help="its folds already hold source recordings out: use `official`",
        )
    if options.fold > FOLDS:
        raise fail("N0603", f"`data.fold` is {options.fold}", help=f"{known.name} has five folds, from 1")
    rows, skipped = _table(known, folder) if (folder / "meta/esc50.csv").exists() else _folders(folder)
    clips: list[Clip] = []
    for path, name in rows:
        match = _NAME.fullmatch(path.stem)
        if match is None:
            skipped.append((str(path), "its name is not `{fold}-{source}-{take}`"))
        elif name not in known.classes:
            skipped.append((str(path), f"`{name}` is no class of {known.name}"))
        else:
            split = fold_split(int(match[1]), options.fold)
            clips.append(Clip(str(path), known.classes.index(name), split, match[2]))
    note = f"fold {options.fold} is the test, fold {options.fold % FOLDS + 1} the validation"
    return DataSet(
        known.name,
        known.classes,
        tuple(clips),
        licence=known.licence,
        notes=(note,),
        skipped=tuple(skipped),
    )


def fold_split(fold: int, test: int) -> SplitName:
    """The split of a fold where fold `test` is the test, both counted from 1."""
    place = (fold - test) % FOLDS
    if place == 0:
        return "test"
    return "validation" if place == 1 else "train"


def _table(known: Known, folder: Path) -> tuple[list[Row], list[tuple[str, str]]]:
    """The recordings that `meta/esc50.csv` lists and those that it lists but are not there."""
    path = folder / "meta/esc50.csv"
    rows: list[Row] = []
    skipped: list[tuple[str, str]] = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if known.name == "esc10" and row["esc10"] != "True":
                    continue
                audio = folder / "audio" / row["filename"]
                if audio.exists():
                    rows.append((audio, row["category"]))
                else:
                    skipped.append((str(audio), "listed in meta/esc50.csv, but not there"))
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise fail("N0604", f"the table {path} cannot be read: {error}") from None
    return sorted(rows), skipped


def _folders(folder: Path) -> tuple[list[Row], list[tuple[str, str]]]:
    rows: list[Row] = []
    for number, name in _FOLDERS.items():
        for place in folder.glob(f"{number:03} - *"):
            rows += [(path, name) for path in place.glob("*.ogg")]
    return sorted(rows), []
