"""DCASE 2018 task 5 (Dekkers et al., 2018): domestic activities, clips of ten seconds, four microphones.

The development set: `evaluation_setup/fold{1-4}_evaluate.txt` lists what a fold tests, a path such as
`audio/DevNode1_ex12_3.wav` and a class on each line. Folds never share a recorded session.

Each channel is heard by itself, as the challenge scores it: its macro F1 is the mean of those of the four.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import DataOptions, DataSet
from .folds import Listed, in_folds

CHANNELS = 4


def read_dcase2018(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The clips in `folder`, split by its folds."""
    return in_folds(known, options, "recorded sessions", _listed(known, folder), CHANNELS)


def _listed(known: Known, folder: Path) -> Iterator[Listed]:
    """The segments that each fold tests, in the order of their names."""
    for fold in range(1, known.folds + 1):
        for path, name in _tested(folder, fold):
            problem = "" if path.is_file() else f"listed for fold {fold}, but not there"
            yield Listed(path, name, fold, path.stem.rpartition("_")[0], problem)


def _tested(folder: Path, fold: int) -> list[tuple[Path, str]]:
    """The segments that a fold tests, and their classes."""
    path = folder / f"evaluation_setup/fold{fold}_evaluate.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise fail("N0604", f"the list {path} cannot be read: {error}") from None
    rows = [line.split("\t") for line in lines if line.strip()]
    return sorted((folder / row[0], row[1].strip() if len(row) > 1 else "") for row in rows)
