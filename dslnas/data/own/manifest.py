"""The list of clips that a run keeps: which trains, which validates, which tests, and what each contains."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import get_args

from ...base.diagnostics import fail
from ...base.files import write_atomically
from ..dataset import Clip, DataSet, SplitName

COLUMNS = ("file", "label", "split", "channel", "segment", "content")
UNUSED = ""  # the split of a clip that the run does not take
TOLD = 3  # by name


@dataclass(frozen=True)
class Row:
    """A clip of a run. split: empty where the run does not take it; content: empty where it is not known."""

    file: str
    label: str
    split: str
    channel: str
    segment: str
    content: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells a clip from the others of its data set."""
        return self.file, self.channel, self.segment


@dataclass(frozen=True)
class Manifest:
    """The clips of a run in the order of the data set."""

    rows: tuple[Row, ...]

    @staticmethod
    def of(data: DataSet, used: Iterable[Clip]) -> Manifest:
        """The clips of a data set, with those that a run uses."""
        taken = set(used)
        return Manifest(
            tuple(
                Row(
                    clip.name,
                    data.classes[clip.label],
                    clip.split if clip in taken else UNUSED,
                    *_part(clip),
                    clip.content,
                )
                for clip in data.clips
            )
        )

    def write(self, path: Path) -> None:
        """Write a table with a line for each clip; raises DslnasError N0701 where it cannot be written."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(astuple(row) for row in self.rows)
        write_atomically(path, text.getvalue().encode("utf-8", "surrogateescape"))

    @staticmethod
    def read(path: Path) -> Manifest:
        """The table in a file; raises DslnasError N0701 where it cannot be read or is none."""
        try:
            with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
                lines = list(csv.reader(file))
        except (OSError, csv.Error) as error:
            raise fail("N0701", f"{path}: cannot be read: {error}") from None
        if not lines or tuple(lines[0]) != COLUMNS:
            raise fail("N0701", f"{path}:1: the columns are not {', '.join(COLUMNS)}")
        for number, line in enumerate(lines[1:], start=2):
            if len(line) != len(COLUMNS) or line[2] not in (*get_args(SplitName), UNUSED):
                raise fail("N0701", f"{path}:{number}: this is no clip")
        return Manifest(tuple(Row(*line) for line in lines[1:]))

    def contents(self, *splits: SplitName) -> set[str]:
        """The contents of the clips in some splits, where they are known."""
        return {row.content for row in self.rows if row.split in splits and row.content}


def held_to(data: DataSet, manifest: Manifest, classes: Sequence[str], training: bool) -> DataSet:
    """The clips of a data set as a run keeps them, found by name, or else by content under another name.

    What came since is left out, and told; so is what is gone or has changed, unless the run still trains:
    then it raises DslnasError N0605, as the training would be another. classes: those of the run.
    """
    by_place = {(clip.name, *_part(clip)): clip for clip in data.clips}
    by_content: dict[tuple[str, str, str], list[Clip]] = {}
    listed = {row.place for row in manifest.rows}
    for place, one in by_place.items():
        if one.content and place not in listed:
            by_content.setdefault((one.content, *place[1:]), []).append(one)
    kept: list[Clip] = []
    lost: list[Row] = []
    moved = 0
    for row in manifest.rows:
        clip: Clip | None = by_place.get(row.place)
        if clip is None or (row.content and clip.content and row.content != clip.content):
            others = by_content.get((row.content, row.channel, row.segment), [])
            clip = others.pop(0) if others else None
            moved += clip is not None and row.split != UNUSED
        if row.split == UNUSED:
            continue
        if clip is None or row.label not in classes:
            lost.append(row)
        else:
            kept.append(replace(clip, label=classes.index(row.label), split=_split(row.split)))
    new = len(data.clips) - sum(place in listed for place in by_place) - moved
    notes = [f"{new} recordings have come since, and are left out"] if new > 0 else []
    notes += [f"{moved} recordings have other names now"] if moved else []
    if lost:
        names = ", ".join(row.file for row in lost[:TOLD]) + (", ..." if len(lost) > TOLD else "")
        parts = ", ".join(
            f"{sum(row.split == part for row in lost)} of {part}" for part in get_args(SplitName)
        )
        message = f"{len(lost)} recordings of the run are gone or have changed ({parts}): {names}"
        if training:
            help = "bring them back, name the folder that holds them with --data, or start a new run"
            raise fail("N0605", f"{data.name}: {message}", help=help)
        notes.append(message)
    return replace(data, classes=tuple(classes), clips=tuple(kept), notes=tuple(notes))


def _part(clip: Clip) -> tuple[str, str]:
    """The channel and the segment of a clip as text; empty for the whole of a recording."""
    segment = "" if clip.segment is None else "{:g}-{:g}".format(*clip.segment)
    return str(clip.channel or ""), segment


def _split(name: str) -> SplitName:
    return next(split for split in get_args(SplitName) if split == name)
