"""How a folder of the user's recordings or pictures is laid out, and what that makes of it, in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...base.diagnostics import fail
from ..dataset import SplitName
from .endings import RECORDINGS, Sort, files_below, kind_of
from .tables import METADATA, Row, read_labels, read_table

NOISE = "_background_noise_"
# Folder names of the three splits, as users spell them.
SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "eval": "validation",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class Layout:
    """A folder as it is laid out: class folders, each with its split where folders name them, or rows.

    notes: how it is taken, and what of it is left out.
    """

    folders: tuple[tuple[SplitName | None, Path], ...] = ()
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def labels(self) -> list[str]:
        """The labels as they are spelled."""
        return [folder.name for _, folder in self.folders] + [row.label for row in self.rows if row.label]

    @property
    def names_splits(self) -> bool:
        """Whether any split is named."""
        return any(split for split, _ in self.folders) or any(row.split for row in self.rows)


def spellings(labels: Iterable[str]) -> dict[str, str]:
    """The class of each label: labels that differ in case alone are one, spelled as the first of them."""
    first: dict[str, str] = {}
    found = sorted(set(labels))
    for label in found:
        first.setdefault(_folded(label), label)
    return {label: first[_folded(label)] for label in found}


def joined_spellings(classes: Mapping[str, str]) -> tuple[str, ...]:
    """A note on the labels that are one class; none where there are none."""
    joined = [f"`{label}` is taken as `{name}`" for label, name in classes.items() if label != name]
    return (f"labels that differ in case alone are one class: {', '.join(joined)}",) if joined else ()


def _folded(label: str) -> str:
    return unicodedata.normalize("NFC", label).casefold()


def layout_of(path: Path, sort: Sort = RECORDINGS) -> Layout:
    """The layout of `folder:PATH`, of recordings or of pictures.

    In order: the metadata of an audiofolder, folders of splits that hold class folders, class folders,
    recordings with labels of Audacity beside them. A folder whose name starts with `.` or `_` is no class.
    DslnasError N0604 where the path is no folder or a table in it cannot be read, N0605 where it holds none
    of these.
    """
    if not path.is_dir():
        raise fail(
            "N0604",
            f"the folder {path} does not exist" if not path.exists() else f"{path} is not a folder",
            help=f"folder:PATH needs a folder with one sub-folder of {sort.what} for each class",
        )
    below, hidden = _sub_folders(path)
    splits = {folder: SPLIT_NAMES.get(folder.name.lower()) for folder in below}
    if metadata := _metadata(path, splits):
        return metadata
    layout = _of_splits(path, below, splits, sort) or _of_classes(path, below, splits)
    if sort is RECORDINGS and (
        layout is None
        or not any(kind_of(file) for _, folder in layout.folders for file in files_below(folder))
    ):
        layout = _of_labels(path) or layout
    if layout is None:
        raise fail(
            "N0605",
            f"the folder {path} has no sub-folders",
            help=f"put the {sort.what} of each class in a sub-folder named after the class",
        )
    return replace(layout, notes=(*layout.notes, *_left_out(path, hidden, layout, sort)))


def _sub_folders(path: Path) -> tuple[list[Path], list[Path]]:
    """The sub-folders that may be classes, and those whose names say that they are none."""
    try:
        folders = sorted(p for p in path.iterdir() if p.is_dir())
    except OSError as error:
        raise fail("N0604", f"the folder {path} cannot be read: {error.strerror or error}") from None
    return [p for p in folders if p.name[0] not in "._"], [p for p in folders if p.name[0] == "_"]


def _of_splits(
    path: Path, below: list[Path], splits: Mapping[Path, SplitName | None], sort: Sort
) -> Layout | None:
    """The class folders in folders such as train/ and test/; None where these are no splits."""
    named = [folder for folder in below if splits[folder]]
    kinds = {splits[folder] for folder in named}
    if "train" not in kinds or len(kinds) < 2:
        return None
    folders = [(splits[side], folder) for side in named for folder in _sub_folders(side)[0]]
    if not any(split == "train" for split, _ in folders):
        return None
    sides = ", ".join(f"{folder.name}/" for folder in named)
    notes = [f"taken so: {sides} are the sides of the split, and the folders in them are the classes"]
    notes += [
        _unused(folder, "it is none of train, validation, test", sort)
        for folder in below
        if not splits[folder]
    ]
    return Layout(tuple(folders), notes=tuple(notes))


def _of_classes(path: Path, below: list[Path], splits: Mapping[Path, SplitName | None]) -> Layout | None:
    if not below:
        return None
    notes = [f"taken so: each of the {len(below)} folders in {path.name or path} is a class"]
    if odd := [folder.name for folder in below if splits[folder]]:
        notes.append(
            f"{', '.join(odd)} are taken as classes, not as sides of a split: a split has train/ and test/ "
            "or val/, each with a folder for each class"
        )
    return Layout(tuple((None, folder) for folder in below), notes=tuple(notes))


def _metadata(path: Path, splits: Mapping[Path, SplitName | None]) -> Layout | None:
    """The rows of the metadata in the folder, or in the folders of its splits; None where there is none."""
    tables = [(None, path / name) for name in METADATA if (path / name).is_file()]
    if not tables:
        sides = [(folder, split) for folder, split in splits.items() if split]
        found = [
            (split, side / name) for side, split in sides for name in METADATA if (side / name).is_file()
        ]
        return _rows([(split, place) for split, place in found]) if found else None
    return _rows([(None, place) for _, place in tables])


def _rows(tables: list[tuple[SplitName | None, Path]]) -> Layout:
    rows: list[Row] = []
    notes: list[str] = []
    for split, place in tables:
        table = read_table(place)
        rows += [replace(row, split=row.split or split or _split_of(row)) for row in table.rows]
        notes.append(f"taken so: {place.name} of {place.parent.name or place.parent} lists files and labels")
        notes += unread(place, table.unread)
    return Layout(rows=tuple(rows), notes=tuple(dict.fromkeys(notes)))


def _split_of(row: Row) -> str:
    """The split that the first folder of a file names, as in an audiofolder; empty where none does."""
    parts = Path(row.file).parts
    return SPLIT_NAMES.get(parts[0].lower(), "") if len(parts) > 1 else ""


def unread(place: Path, columns: Iterable[str]) -> tuple[str, ...]:
    """A note on columns that nothing reads; none where all are read."""
    names = ", ".join(columns)
    return (f"columns of {place.name} that are not read: {names}",) if names else ()


def _of_labels(path: Path) -> Layout | None:
    """The labels of Audacity beside recordings; None where there are none."""
    rows: list[Row] = []
    bare: list[str] = []
    for file in files_below(path):
        if kind_of(file) == "audio":
            found = read_labels(file.with_suffix(".txt"), file)
            rows += found or ()
            bare += [file.name] if found is None else []
    if not rows:
        return None
    notes = ["taken so: the text beside each recording has its labels, as Audacity exports them"]
    notes += [f"left out {len(bare)} recordings without labels: {', '.join(bare[:3])}"] if bare else []
    return Layout(rows=tuple(rows), notes=tuple(notes))


def _left_out(path: Path, hidden: Iterable[Path], layout: Layout, sort: Sort) -> Iterator[str]:
    """Notes on the files beside what is taken."""
    for folder in hidden:
        if folder.name != NOISE and any(kind_of(file, sort) for file in files_below(folder)):
            yield _unused(folder, "its name starts with `_`", sort)
    if layout.rows:
        return
    places = {path, *(folder.parent for _, folder in layout.folders)}
    loose = [
        file for place in sorted(places) for file in place.iterdir() if file.is_file() and kind_of(file, sort)
    ]
    if loose:
        names = ", ".join(file.name for file in sorted(loose)[:3])
        yield f"left out {len(loose)} {sort.what} that are in no class folder: {names}"


def _unused(folder: Path, why: str, sort: Sort) -> str:
    count = sum(bool(kind_of(file, sort)) for file in files_below(folder))
    return f"left out the folder {folder.name}/ with {count} {sort.what}: {why}"
