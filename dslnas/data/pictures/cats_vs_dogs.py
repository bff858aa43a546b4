"""Cats vs. Dogs (Kaggle, 2013): `train/cat.0.jpg`, ..., `train/dog.12499.jpg`; also `Cat/0.jpg`, `Dog/0.jpg`.

The pictures of Kaggle's own test have no labels. As in the DARTS-GAL paper (section 3.3) a fifth is the test:
8 : 2, of each class, by a hash of the names. Which fifth theirs was is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, SplitName
from ..own.endings import PICTURES, files_below, kind_of
from ..splits import digest


def read_cats_vs_dogs(known: Known, folder: Path, options: DataOptions) -> DataSet:
    """The pictures in `folder`; a tenth of each class of the training, by a hash too, is the validation.

    DslnasError N0603 where speakers are asked for.
    """
    if options.split == "speaker":
        message = f"`data.split` is `speaker`, but {known.name} has no speakers"
        raise fail("N0603", message, help="use `official`")
    clips: list[Clip] = []
    for label, name in enumerate(known.classes):
        files = [file for file in _files(folder, name) if kind_of(file, PICTURES) == "picture"]
        names = {file: options.name_of(file, folder) for file in files}
        sides = _sides([file.name for file in files])
        clips += [
            Clip(str(file), label, side, "", name=names[file])
            for file, side in zip(files, sides, strict=True)
        ]
    notes = ["test: a fifth of each class by a hash of the names; validation: a tenth of the rest"]
    return DataSet.of(known, clips, notes=notes)


def _files(folder: Path, name: str) -> Iterator[Path]:
    """The files of a class in either layout, each once."""
    for place in (folder / "train", folder):
        if place.is_dir():
            yield from sorted(file for file in place.glob(f"{name}.*") if file.is_file())
        if (own := place / name.capitalize()).is_dir():
            yield from files_below(own)


def _sides(names: Sequence[str]) -> list[SplitName]:
    """8 : 2, and a tenth of the 8 to validate."""
    order = sorted(range(len(names)), key=lambda index: digest(names[index]))
    tested = max(1, round(0.2 * len(names)))
    held = max(1, round(0.1 * (len(names) - tested)))
    sides: list[SplitName] = ["train"] * len(names)
    for place, index in enumerate(order[: tested + held]):
        sides[index] = "test" if place < tested else "validation"
    return sides
