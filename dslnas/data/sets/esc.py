"""ESC-50 and ESC-10 (Piczak, ACM MM 2015): environmental sounds in five folds.

Two layouts: `meta/esc50.csv` with `audio/*.wav` (both sets; a column marks those of ESC-10), and the
older `{NNN - Class}/{fold}-{source}-{take}.ogg` of ESC-10. Folds never share a source recording.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import DataOptions, DataSet
from .folds import Listed, in_folds

TABLE = "meta/esc50.csv"
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


def read_esc(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips in `folder`, split by its folds."""
    return in_folds(known, options, "source recordings", _listed(known, folder))


def _listed(known: Known, folder: Path) -> Iterator[Listed]:
    """The recordings of either layout, in the order of their names."""
    rows = _table(known, folder) if (folder / TABLE).exists() else _folders(folder)
    for path, name in sorted(rows):
        match = _NAME.fullmatch(path.stem)
        if not path.exists():
            yield Listed(path, name, problem=f"listed in {TABLE}, but not there")
        elif match is None:
            yield Listed(path, name, problem="its name is not `{fold}-{source}-{take}`")
        else:
            yield Listed(path, name, int(match[1]), match[2])


def _table(known: Known, folder: Path) -> list[tuple[Path, str]]:
    """The recordings that the table lists, and their classes."""
    path = folder / TABLE
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [
                (folder / "audio" / row["filename"], row["category"])
                for row in csv.DictReader(file)
                if known.name != "esc10" or row["esc10"] == "True"
            ]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError) as error:
        raise fail("N0604", f"the table {path} cannot be read: {error}") from None


def _folders(folder: Path) -> Iterator[tuple[Path, str]]:
    """The recordings in the folders of the older layout, and their classes."""
    for number, name in _FOLDERS.items():
        for place in folder.glob(f"{number:03} - *"):
            yield from ((path, name) for path in place.glob("*.ogg"))
