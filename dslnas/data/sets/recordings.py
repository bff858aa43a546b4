"""The user's own recordings: `folder:PATH`, one folder a class, and `csv:PATH`, a table of files."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ...base.diagnostics import fail
from ..dataset import Clip, DataOptions, DataSet, OnProgress, SplitName, silent
from ..own.contents import contents
from ..own.copies import on_one_side, with_twins
from ..splits import by_speaker, stratified

AUDIO = frozenset((".wav", ".flac", ".ogg", ".oga"))  # read
OTHER_AUDIO = frozenset(
    (".mp3", ".m4a", ".aac", ".wma", ".opus", ".aif", ".aiff", ".webm")
)  # named, not read
# Folder names of the three splits, as users spell them.
SPLIT_NAMES: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


def class_folders(path: Path) -> list[tuple[SplitName | None, Path]]:
    """The class folders of `folder:PATH` in sorted order, each with its split where folders train/ ... hold
    them.

    A folder whose name starts with `.` or `_` is no class. DslnasError N0604 where the path is no folder,
    N0605 where it holds no class folder.
    """
    if not path.is_dir():
        raise fail(
            "N0604",
            f"the folder {path} does not exist" if not path.exists() else f"{path} is not a folder",
            help="folder:PATH needs a folder with one sub-folder of recordings for each class",
        )
    folders: list[tuple[SplitName | None, Path]] = [(None, folder) for folder in _sub_folders(path)]
    splits = {folder.name: SPLIT_NAMES.get(folder.name.lower()) for _, folder in folders}
    if {"train", "test"} <= set(splits.values()):
        folders = [(splits[f.name], below) for _, f in folders if splits[f.name] for below in _sub_folders(f)]
    if not folders:
        raise fail(
            "N0605",
            f"the folder {path} has no sub-folders",
            help="put the recordings of each class in a sub-folder named after the class",
        )
    return folders


def _sub_folders(path: Path) -> list[Path]:
    try:
        return sorted(p for p in path.iterdir() if p.is_dir() and p.name[0] not in "._")
    except OSError as error:
        raise fail("N0604", f"the folder {path} cannot be read: {error.strerror or error}") from None


def table(path: Path) -> list[dict[str, str]]:
    """The rows of `csv:PATH` with the keys file, label, split, speaker (empty where the table has none).

    DslnasError N0604 where the file cannot be read, N0605 where its header is not `file,label,...`.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, restval="")
            header = [str(name).strip().lower() for name in rows.fieldnames or ()]
            if not {"file", "label"} <= set(header):
                raise fail(
                    "N0605",
                    f"the header of {path} is `{','.join(header)}`",
                    help="the first line must name the columns: `file,label`, and at will `split`, `speaker`",
                )
            rows.fieldnames = header
            return [{key: (row.get(key) or "").strip() for key in _COLUMNS} for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise fail("N0604", f"the table {path} cannot be read: {reason}") from None


_COLUMNS = ("file", "label", "split", "speaker")


def read_folder(path: Path, options: DataOptions, on_progress: OnProgress = silent) -> DataSet:
    """One sub-folder a class, at any depth below it; or train/, validation/, test/ that each hold those.

    Where the folders name no splits, or no validation, they are made by a hash of the relative path.
    Recordings in a folder called `_background_noise_` are noise.
    """
    path = path.absolute()
    folders = class_folders(path)
    classes = tuple(sorted({folder.name for _, folder in folders}))
    clips: list[Clip] = []
    skipped: list[tuple[str, str]] = []
    for split, folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() in OTHER_AUDIO:
                skipped.append((str(file), f"{file.suffix} is not read: convert it to wav, flac or ogg"))
            elif file.suffix.lower() in AUDIO and not file.name.startswith("."):
                clips.append(Clip(str(file), classes.index(folder.name), split or "train", ""))
    named = folders[0][0] is not None
    clips, told = _identified(clips, path, options, on_progress)
    clips, notes = _complete(clips, [named] * len(clips), path)
    return DataSet(
        f"folder:{path}",
        classes,
        _official(tuple(clips), options),
        noises=tuple(_audio_files(path / "_background_noise_")),
        notes=(*notes, *told),
        skipped=tuple(skipped),
    )


def read_csv(path: Path, options: DataOptions, on_progress: OnProgress = silent) -> DataSet:
    """A table with the columns file, label and optionally split and speaker; files relative to its folder.

    Rows without a split are split by a hash of their file. `split=speaker` holds out speakers of the table.
    """
    path = path.absolute()
    rows = table(path)
    classes = tuple(sorted({row["label"] for row in rows if row["label"]}))
    clips: list[Clip] = []
    named: list[bool] = []
    skipped: list[tuple[str, str]] = []
    lines: dict[Path, int] = {}
    for number, row in enumerate(rows, start=2):
        file = path.parent / row["file"]
        reason = _fault(row, file)
        if not reason and (first := lines.setdefault(file.resolve(), number)) != number:
            reason = f"it is listed before, in line {first}"
        if reason:
            skipped.append((f"{path}:{number}: {row['file']}", reason))
            continue
        split = SPLIT_NAMES.get(row["split"].lower(), "train")
        clips.append(Clip(str(file), classes.index(row["label"]), split, row["speaker"]))
        named.append(bool(row["split"]))
    clips, told = _identified(clips, path.parent, options, on_progress)
    clips, notes = _complete(clips, named, path.parent)
    ready = tuple(clips)
    if options.split == "speaker" and ready and all(clip.group for clip in ready):
        ready, note = by_speaker(ready, options.fold)
        notes = (note,)
    else:
        ready = _official(ready, options)
    return DataSet(f"csv:{path}", classes, ready, notes=(*notes, *told), skipped=tuple(skipped))


def _identified(
    clips: list[Clip], base: Path, options: DataOptions, on_progress: OnProgress
) -> tuple[list[Clip], tuple[str, ...]]:
    """The clips with their names from a folder, what they contain and what they copy; notes on copies."""
    if options.by_path:
        return clips, ()
    hashes = contents([clip.path for clip in clips], base, options.cache, on_progress)
    return with_twins(
        [
            replace(clip, name=options.name_of(clip.path, base), content=content)
            for clip, content in zip(clips, hashes, strict=True)
        ]
    )


def _fault(row: dict[str, str], file: Path) -> str:
    """Why a row of a table is no clip; empty where it is one."""
    if not row["file"]:
        return "no file is named"
    if not row["label"]:
        return "it has no label"
    if row["split"] and row["split"].lower() not in SPLIT_NAMES:
        return f"`{row['split']}` is no split: write train, validation or test"
    if not file.is_file():
        return "there is no such file"
    if file.suffix.lower() not in AUDIO:
        return f"{file.suffix or 'a file without a suffix'} is not read: convert it to wav, flac or ogg"
    return ""


def _official(clips: tuple[Clip, ...], options: DataOptions) -> tuple[Clip, ...]:
    if options.split == "speaker":
        raise fail(
            "N0603",
            "`data.split` is `speaker`, but no speakers are known",
            help="list the recordings in a table with a column `speaker` and give it as csv:PATH",
        )
    return clips


def _complete(clips: list[Clip], named: list[bool], base: Path) -> tuple[list[Clip], tuple[str, ...]]:
    """The clips with a split each: those that were not given one, and a validation where there is none."""
    names = [clip.twin or clip.name or Path(os.path.relpath(clip.path, base)).as_posix() for clip in clips]
    made = stratified(names, [clip.label for clip in clips])
    if not any(named):
        note = "split by a hash of the file names: 70 % train, 10 % validation, 20 % test of each class"
        return [_with(clip, split) for clip, split in zip(clips, made, strict=True)], (note,)
    clips = [
        clip if given else _with(clip, split) for clip, given, split in zip(clips, named, made, strict=True)
    ]
    notes: tuple[str, ...] = (
        () if all(named) else ("recordings without a split were split by a hash of their names",)
    )
    clips, told = on_one_side(clips)
    names = [clip.twin or clip.name or Path(os.path.relpath(clip.path, base)).as_posix() for clip in clips]
    notes = (*notes, *told)
    if any(clip.split == "validation" for clip in clips):
        return clips, notes
    trained = [index for index, clip in enumerate(clips) if clip.split == "train"]
    again = stratified([names[index] for index in trained], [clips[index].label for index in trained])
    for index, split in zip(trained, again, strict=True):
        if split == "validation":
            clips[index] = _with(clips[index], split)
    return clips, (*notes, "validation: a tenth of each class of the training split, by a hash of the names")


def _with(clip: Clip, split: SplitName) -> Clip:
    return replace(clip, split=split)


def _audio_files(folder: Path) -> Iterable[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in AUDIO)
