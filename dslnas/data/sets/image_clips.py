"""Image data sets as clips: the official split, and a validation split cut from its training split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...base.diagnostics import fail
from ..catalog import Known
from ..dataset import Clip, DataOptions, DataSet, SplitName
from ..splits import digest, grouped

Labels = Mapping[Path, Sequence[int]]  # the labels of the images in each file, in their order


def image_set(known: Known, options: DataOptions, train: Labels, test: Labels) -> DataSet:
    """The images of files; a tenth of each class of the training, by a hash of the names, is the validation.

    DslnasError N0603 where speakers are asked for, N0605 where a label is no class.
    """
    if options.split == "speaker":
        message = f"`data.split` is `speaker`, but {known.name} has no speakers"
        raise fail("N0603", message, help="use `official`")
    held = _held_out(train)

    def split(file: Path, row: int) -> SplitName:
        if file in test:
            return "test"
        return "validation" if (file, row) in held else "train"

    clips: list[Clip] = []
    for file, labels in {**train, **test}.items():
        if wrong := [label for label in labels if not 0 <= label < len(known.classes)]:
            message = f"{file}: label {wrong[0]}, and {known.name} has {len(known.classes)} classes"
            raise fail("N0605", message)
        clips += [Clip(f"{file}#{row}", label, split(file, row), "") for row, label in enumerate(labels)]
    note = "validation: a tenth of each class of the official training split, by a hash of the names"
    return DataSet.of(known, clips, notes=[note])


def _held_out(train: Labels) -> set[tuple[Path, int]]:
    """A tenth of the images of each class, at least one."""
    images = [(label, file, row) for file, labels in train.items() for row, label in enumerate(labels)]
    held: set[tuple[Path, int]] = set()
    for members in grouped(images, lambda image: image[0]).values():
        ordered = sorted(members, key=lambda image: digest(f"{image[1].name}#{image[2]}"))
        held.update((file, row) for _, file, row in ordered[: max(1, len(ordered) // 10)])
    return held
