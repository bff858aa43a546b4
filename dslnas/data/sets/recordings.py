"""The user's own recordings or pictures: `folder:PATH`, a folder a class, and `csv:PATH`, a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...base.diagnostics import fail
from ..dataset import Clip, DataOptions, DataSet, OnProgress, Segment, SplitName, silent
from ..own.contents import contents
from ..own.copies import on_one_side, with_twins
from ..own.endings import PICTURES, RECORDINGS, Sort, files_below, kind_of, told
from ..own.layout import NOISE, SPLIT_NAMES, Layout, joined_spellings, layout_of, spellings, unread
from ..own.tables import Row, read_table, seconds
from ..splits import by_speaker, grouped, in_own_folds, stratified, together

# What was read before libsndfile decided: older runs know nothing else.
_FEW = (".wav", ".flac", ".ogg", ".oga")


@dataclass
class _Listing:
    """The clips of a set as they are found: label and split are those that the user says."""

    clips: list[Clip] = field(default_factory=list)
    named: list[bool] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self, path: Path, label: int, split: SplitName | None, group: str = "", segment: Segment | None = None
    ) -> None:
        self.clips.append(Clip(str(path), label, split or "train", group, segment=segment))
        self.named.append(split is not None)


def read_folder(
    path: Path, options: DataOptions, on_progress: OnProgress = silent, sort: Sort = RECORDINGS
) -> DataSet:
    """The recordings, or the pictures, of a folder in any of the layouts of `layout_of`.

    Where it names no splits, or no validation or test, they are made by a hash of the relative paths.
    Recordings in a folder called `_background_noise_` are noise.
    """
    path = path.absolute()
    layout = layout_of(path, sort)
    names = _spelled(layout.labels, options)
    classes = tuple(sorted(set(names.values())))
    found = _Listing(notes=[*layout.notes, *joined_spellings(names)])
    if layout.rows:
        _take_rows(found, layout.rows, names, classes, sort)
    else:
        _take_folders(found, layout, names, classes, options, sort)
    noises = files_below(path / NOISE) if sort is RECORDINGS else []
    return _data_set(
        f"folder:{path}",
        path,
        classes,
        found,
        options,
        on_progress,
        [p for p in noises if _reads(p, options, sort)],
        sort,
    )


def read_csv(
    path: Path, options: DataOptions, on_progress: OnProgress = silent, sort: Sort = RECORDINGS
) -> DataSet:
    """A table with the columns file, label and at will split, speaker, start, end; files from its folder.

    Rows without a split are split by a hash of their file. `split=speaker` holds out speakers of the table.
    """
    path = path.absolute()
    table = read_table(path)
    names = _spelled([row.label for row in table.rows if row.label], options)
    classes = tuple(sorted(set(names.values())))
    found = _Listing(notes=[*unread(path, table.unread), *joined_spellings(names)])
    _take_rows(found, table.rows, names, classes, sort)
    return _data_set(f"csv:{path}", path.parent, classes, found, options, on_progress, [], sort)


def _spelled(labels: Sequence[str], options: DataOptions) -> dict[str, str]:
    """The class of each label; to older runs each spelling is its own."""
    return {label: label for label in labels} if options.by_path else spellings(labels)


def _reads(file: Path, options: DataOptions, sort: Sort) -> bool:
    return file.suffix.lower() in _FEW if options.by_path else kind_of(file, sort) == sort.kind


def _take_folders(
    found: _Listing,
    layout: Layout,
    names: dict[str, str],
    classes: tuple[str, ...],
    options: DataOptions,
    sort: Sort,
) -> None:
    """The files of class folders."""
    others: list[Path] = []
    for split, folder in layout.folders:
        label = classes.index(names[folder.name])
        for file in files_below(folder):
            if _reads(file, options, sort):
                found.add(file, label, split)
            elif kind_of(file, sort) and not options.by_path:
                found.skipped.append((str(file), f"{file.suffix} {sort.convert}"))
            else:
                others.append(file)
    if others:
        if pictures := sum(bool(kind_of(file, PICTURES)) for file in others if sort is RECORDINGS):
            note = f"it holds {pictures} pictures beside its recordings, which are what is taken"
            found.notes.append(f"{note}: give the pictures a folder of their own")
        found.notes.append(f"left out {len(others)} files that are no {sort.what}: {told(others)}")


def _take_rows(
    found: _Listing, rows: Sequence[Row], names: dict[str, str], classes: tuple[str, ...], sort: Sort
) -> None:
    """The files that a table lists."""
    lines: dict[tuple[Path, str, str], str] = {}
    for row in rows:
        reason = _fault(row, sort)
        listed = (row.path.resolve(), row.start, row.end) if not reason else None
        if listed and (first := lines.setdefault(listed, row.place)) != row.place:
            reason = f"it is listed before, in line {first.rpartition(':')[2]}"
        if reason:
            found.skipped.append((f"{row.place}: {row.file}", reason))
            continue
        split = SPLIT_NAMES[row.split.lower()] if row.split else None
        found.add(row.path, classes.index(names[row.label]), split, row.group, _segment(row))


def _segment(row: Row) -> Segment | None:
    """The part of a file that a row is of; where it says no end, all that follows the start."""
    if not row.start and not row.end:
        return None
    return seconds(row.start or "0") or 0.0, (seconds(row.end) or 0.0) if row.end else float("inf")


def _fault(row: Row, sort: Sort) -> str:
    """Why a row of a table is no clip; empty where it is one."""
    if not row.file:
        return "no file is named"
    if not row.label:
        return "it has no label"
    if row.split and row.split.lower() not in SPLIT_NAMES:
        return f"`{row.split}` is no split: write train, validation or test"
    for name, text in (("start", row.start), ("end", row.end)):
        if text and seconds(text) is None:
            return f"`{text}` is no {name} in seconds"
    segment = _segment(row)
    if segment and segment[1] <= segment[0]:
        return f"it ends at {segment[1]:g} s and begins at {segment[0]:g} s"
    if not row.path.is_file():
        return "there is no such file"
    if segment and sort is not RECORDINGS:
        return "a picture has no start and no end"
    if kind_of(row.path, sort) != sort.kind:
        return f"{row.path.suffix or 'a file without a suffix'} {sort.convert}"
    return ""


def _data_set(
    name: str,
    base: Path,
    classes: tuple[str, ...],
    found: _Listing,
    options: DataOptions,
    on_progress: OnProgress,
    noises: Sequence[Path],
    sort: Sort,
) -> DataSet:
    """The clips with what they contain and a split each."""
    clips, told = _identified(found.clips, base, options, on_progress, sort)
    notes = (*found.notes, *told, *_of_unknown_group(clips, sort))
    ready: Sequence[Clip]
    if options.folds:
        ready, made = _in_folds(name, clips, found.named, options)
        notes = (*notes, *made)
    elif options.split == "speaker":
        ready, note = _strangers(clips, options.fold, sort)
        notes = (*notes, note)
    else:
        ready, made = _complete(clips, found.named, base, not options.by_path, sort)
        notes = (*notes, *made)
    if found.skipped:
        notes = (
            *notes,
            f"left out {len(found.skipped)} of {len(found.skipped) + len(clips)}, each with its reason",
        )
    return DataSet(
        name, classes, tuple(ready), tuple(noises), notes=notes, skipped=tuple(found.skipped), what=sort.what
    )


def _identified(
    clips: list[Clip], base: Path, options: DataOptions, on_progress: OnProgress, sort: Sort
) -> tuple[list[Clip], tuple[str, ...]]:
    """The clips with their names from a folder, what they contain and what they copy; notes on copies."""
    if options.by_path:
        return clips, ()
    paths = list(dict.fromkeys(clip.path for clip in clips))
    hashes = dict(zip(paths, contents(paths, base, options.cache, on_progress), strict=True))
    return with_twins(
        [replace(clip, name=options.name_of(clip.path, base), content=hashes[clip.path]) for clip in clips],
        sort.what,
    )


def _of_unknown_group(clips: Sequence[Clip], sort: Sort) -> tuple[str, ...]:
    """A note on the clips that have no group where others have one: whose they are nobody can tell."""
    unknown = [clip.name or clip.path for clip in clips if not clip.group]
    if not unknown or len(unknown) == len(clips):
        return ()
    names = ", ".join(unknown[:3]) + (", ..." if len(unknown) > 3 else "")
    lack = f"{len(unknown)} of {len(clips)} {sort.what} have no speaker or group: {names}"
    return (f"{lack}; each is taken as one of its own, and may train while its own speaker tests",)


def _strangers(clips: Sequence[Clip], fold: int, sort: Sort) -> tuple[Sequence[Clip], str]:
    """The clips with speakers held out; DslnasError N0603 where not all of them have one."""
    unknown = sum(not clip.group for clip in clips)
    if clips and not unknown:
        return by_speaker(clips, fold)
    known = (
        "no speakers are known"
        if unknown == len(clips)
        else f"{unknown} of {len(clips)} {sort.what} have none"
    )
    raise fail(
        "N0603",
        f"`data.split` is `speaker`, but {known}",
        help=f"list the {sort.what} in a table with a column `speaker` and give it as csv:PATH",
    )


def _in_folds(
    name: str, clips: Sequence[Clip], named: Sequence[bool], options: DataOptions
) -> tuple[Sequence[Clip], tuple[str, ...]]:
    """The clips in folds; DslnasError N0603 where the user says which of them train and which test."""
    if any(named):
        help = "leave the folds out, or list the recordings without their sides"
        raise fail("N0603", f"`data.folds` is {options.folds}, but {name} names its own sides", help=help)
    return in_own_folds(clips, options)


def _complete(
    clips: list[Clip], named: list[bool], base: Path, apart: bool, sort: Sort
) -> tuple[list[Clip], tuple[str, ...]]:
    """The clips with a split each: those that have none, and a validation or test that is missing.

    apart: whether groups that are known stand on one side each.
    """
    made, told = _made(clips, base, apart)
    if not any(named):
        note = "split by a hash of the file names: 70 % train, 10 % validation, 20 % test of each class"
        return [replace(clip, split=split) for clip, split in zip(clips, made, strict=True)], (note, *told)
    clips = [
        clip if given else replace(clip, split=split)
        for clip, given, split in zip(clips, named, made, strict=True)
    ]
    notes = [] if all(named) else [f"{sort.what} without a split were split by a hash of their names"]
    clips, told = on_one_side(clips, sort.what)
    notes += told
    for split, share in (("test", "a fifth"), ("validation", "a tenth")):
        if any(clip.split == split for clip in clips):
            continue
        trained = [index for index, clip in enumerate(clips) if clip.split == "train"]
        again, _ = _made([clips[index] for index in trained], base, apart)
        for index, side in zip(trained, again, strict=True):
            if side == split:
                clips[index] = replace(clips[index], split=side)
        notes.append(f"{split}: {share} of each class of the training split, by a hash of the names")
    return clips, tuple(notes)


def _made(clips: Sequence[Clip], base: Path, apart: bool) -> tuple[list[SplitName], tuple[str, ...]]:
    """A split for each clip, and notes on what comes to stand on several sides.

    Groups stay together, else segments of one recording, where every class is then trained, and each side has
    clips.
    """
    labels = [clip.label for clip in clips]
    if not apart or not any(clip.group for clip in clips):
        return _by_recording(clips, base)
    whole = _by_group(clips, labels)
    if _serves(whole, labels):
        return whole, ("whole groups (speakers, recordings) train, validate or test, none does two of them",)
    splits, told = _by_recording(clips, base)
    note = "groups stand on several sides of the split, as there are too few of them"
    return splits, (note, *told)


def _by_group(clips: Sequence[Clip], labels: Sequence[int]) -> list[SplitName]:
    """A split that keeps groups together; of two, where none is left to validate, a part of the training."""
    names = together(clips)
    splits = stratified(names, labels)
    if "validation" in splits:
        return splits
    trained = [index for index, split in enumerate(splits) if split == "train"]
    inner = stratified([clips[index].key for index in trained], [labels[index] for index in trained])
    for index, split in zip(trained, inner, strict=True):
        splits[index] = "validation" if split == "validation" else "train"
    return splits


def _by_recording(clips: Sequence[Clip], base: Path) -> tuple[list[SplitName], tuple[str, ...]]:
    """A split that keeps the segments of a recording together where that serves; else a note on it."""
    files = [_relative(clip, base) for clip in clips]
    labels = [clip.label for clip in clips]
    whole = stratified(files, labels)
    if all(clip.segment is None for clip in clips) or _serves(whole, labels):
        return whole, ()
    note = "segments of one recording stand on several sides of the split, as there are too few recordings"
    parts = [clip.key if clip.segment else file for clip, file in zip(clips, files, strict=True)]
    return stratified(parts, labels), (note,)


def _serves(splits: Sequence[SplitName], labels: Sequence[int]) -> bool:
    sides = grouped(zip(splits, labels, strict=True), lambda pair: pair[0])
    return len(sides) == 3 and {label for _, label in sides["train"]} == set(labels)


def _relative(clip: Clip, base: Path) -> str:
    """What the split of a recording hashes, as it always did: its name from the folder."""
    return clip.twin or DataOptions().name_of(clip.path, base)
