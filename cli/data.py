"""`dslnas data`: the known data sets and where they are, a look at recordings, and their features."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import JsonOption, RootOption, SetOption

if TYPE_CHECKING:
    from dslnas.data import DataSet, Known
    from dslnas.data.own.survey import Survey

LIST_EXAMPLE = "Example: dslnas data list --data-root ~/data"
CHECK_EXAMPLE = "Example: dslnas data check folder:recordings --page recordings.html"
PREPARE_EXAMPLE = "Example: dslnas data prepare folder:recordings --set data.skip_limit=50%"

app = typer.Typer(help="Data sets: what is known, where it is, and its features.", no_args_is_help=True)


@app.command("list", epilog=LIST_EXAMPLE)
def list_data(data_root: RootOption = None, as_json: JsonOption = False) -> None:
    """List the known data sets: whether and where each was found, its clips, its licence."""
    from dslnas.data import KNOWN

    from .terminal import out, print_json, table

    found = [_entry(known, data_root) for known in KNOWN.values()]
    if as_json:
        print_json(found)
        return
    rows = [
        (entry["name"], str(entry["classes"]), *_clips(entry), f"{entry['title']} ({entry['licence']})")
        for entry in found
    ]
    console = out()
    console.print(table("", ("name", "classes#", "train#", "validation#", "test#", "what"), rows))
    console.print("your own recordings or pictures: folder:PATH and csv:PATH")
    for entry in found:
        if entry["where"]:
            console.print(f"{entry['name']}: {entry['where']}", soft_wrap=True)
    for entry in found:
        if entry["note"]:
            console.print(f"{entry['name']}: {entry['note']}", soft_wrap=True)


def _entry(known: Known, root: Path | None) -> dict[str, Any]:
    """The entry of one data set in the list, without fetching or making anything."""
    from dslnas.base.diagnostics import DslnasError
    from dslnas.data import SPLITS, locate, open_data

    entry: dict[str, Any] = {
        "name": known.name, "title": known.title, "classes": len(known.classes), "licence": known.licence,
        "source": known.source, "where": None, "clips": None, "note": "",
    }  # fmt: skip
    if not known.folders:
        return {**entry, **_made_here(known)}
    place = locate(known, root)
    if place is None:
        return {**entry, "note": f"not found; {known.how}"}
    entry["where"] = str(place)
    try:
        data = open_data(known.name, root)
    except DslnasError as error:
        return {**entry, "note": f"found, but it cannot be used: {error}"}
    return {**entry, "clips": {split: data.count(split) for split in SPLITS}}


def _made_here(known: Known) -> dict[str, Any]:
    """The fields of a data set that is synthesised when it is used."""
    from importlib.util import find_spec

    if find_spec("espeakng_loader") is None:
        return {"note": f"eSpeak NG is not installed; {known.how}"}
    return {"where": "synthesised when it is asked for"}


def _clips(entry: dict[str, Any]) -> tuple[str, str, str]:
    """The clips of the three splits, where they are known."""
    clips = entry["clips"] or {}
    return str(clips.get("train", "-")), str(clips.get("validation", "-")), str(clips.get("test", "-"))


@app.command("check", epilog=CHECK_EXAMPLE)
def check_data(
    data: Annotated[str, typer.Argument(metavar="DATA", help="fsdd, ..., folder:PATH or csv:PATH.")],
    data_root: RootOption = None,
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE", help="Write a page with histograms and players too."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look at a data set before anything is trained.

    Of recordings classes, lengths, rates, levels, of pictures classes, sizes, modes; copies, how even the
    classes are, how a folder is taken, and what is left out, with the reason.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.data.classes import holds_images, packed
    from dslnas.data.opening import listed
    from dslnas.data.own.survey import survey, to_json
    from dslnas.data.splits import check
    from dslnas.report.recordings import write_page
    from dslnas.train.observer import reporting

    from .progress import watcher
    from .terminal import print_json

    if packed(data):
        help = "name recordings or pictures: fsdd, cats_vs_dogs, folder:PATH, csv:PATH"
        raise fail("N0603", f"`{data}` holds images of one size, many in a file", help=help)
    if holds_images(data):
        if page is not None:
            raise fail(
                "N0603", f"`{data}` holds pictures, and a page is of recordings", help="leave out --page"
            )
        check(_look_at_pictures(data, data_root, as_json))
        return
    with watcher() as observer:
        progress = reporting(observer, "data")
        found = survey(listed(data, data_root, on_progress=progress), progress)
    if page is not None:
        write_page(found, page)
    if as_json:
        print_json(to_json(found))
    else:
        _show_survey(found, page)
    check(found.data)


def _look_at_pictures(data: str, data_root: Path | None, as_json: bool) -> DataSet:
    """Print what a data set of pictures holds, and hand it out."""
    from dslnas.data.opening import listed
    from dslnas.data.pictures.survey import class_facts, picture_survey, to_json, warnings
    from dslnas.train.observer import reporting

    from .progress import watcher
    from .terminal import out, print_json, table

    with watcher() as observer:
        progress = reporting(observer, "data")
        found = picture_survey(listed(data, data_root, on_progress=progress), progress)
    if as_json:
        print_json(to_json(found))
        return found.data
    rows = [
        (
            one["name"],
            *(str(one[key]) for key in ("pictures", "train", "validation", "test")),
            *(f"{one['width'][key]:g} x {one['height'][key]:g}" for key in ("least", "median", "most")),
        )
        for one in class_facts(found)
    ]
    heads = ("class", "pictures#", "train#", "validation#", "test#", "least#", "median#", "most#")
    console = out()
    console.print(table(found.data.name, heads, rows))
    modes = ", ".join(f"{count} {mode}" for mode, count in found.modes)
    lines = [
        f"{len(found.usable)} pictures; sizes are width x height, each by itself; modes: {modes}",
        *found.data.notes,
        *(f"look: {one}" for one in warnings(found)),
        *(f"left out: {path}: {reason}" for path, reason in found.left_out),
    ]
    for line in lines:
        console.print(line, soft_wrap=True)
    return found.data


def _show_survey(found: Survey, page: Path | None) -> None:
    """Print the classes as a table, and what else there is to know in lines."""
    from dslnas.data.own.survey import class_facts, warnings

    from .terminal import out, table

    rows = [
        (
            one["name"],
            *(str(one[key]) for key in ("clips", "train", "validation", "test")),
            f"{one['seconds']['total'] / 60:.1f}",
            *(f"{one['seconds'][key]:.2f}" for key in ("shortest", "median", "longest")),
            "-" if one["level"] is None else f"{one['level']:.1f}",
        )
        for one in class_facts(found)
    ]
    heads = ("class", "clips#", "train#", "validation#", "test#", "minutes#", "shortest s#", "median s#")
    console = out()
    console.print(table(found.data.name, (*heads, "longest s#", "level dB#"), rows))
    rates = ", ".join(f"{count} of {rate} Hz" for rate, count in found.rates)
    channels = ", ".join(f"{count} with {number}" for number, count in found.channels)
    lines = [
        f"{len(found.usable)} clips; rates: {rates}; channels: {channels}",
        f"levels are medians of {found.heard} recordings, in dB of full scale",
        *_groups(found),
        *found.data.notes,
        *(f"look: {one}" for one in warnings(found)),
        *(f"left out: {path}: {reason}" for path, reason in found.left_out),
        *([f"page: {page}"] if page else []),
    ]
    for line in lines:
        console.print(line, soft_wrap=True)


def _groups(found: Survey) -> list[str]:
    """How many groups each split has, where they are known; and how many recordings are copies."""
    known = ", ".join(f"{len(names)} in {split}" for split, names in found.groups.items())
    copies = sum(len(unit) - 1 for unit in found.copies)
    told = [f"groups (speakers, source recordings): {known}"] if known else []
    return [*told, f"copies, byte for byte: {copies or 'none'}"]


@app.command("prepare", epilog=PREPARE_EXAMPLE)
def prepare_data(
    data: Annotated[str, typer.Argument(metavar="DATA", help="digits, fsdd, ..., folder:PATH or csv:PATH.")],
    data_root: RootOption = None,
    space: Annotated[
        str, typer.Option("--space", metavar="FILE", help="The file whose profile and front end are used.")
    ] = "ss1",
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a data set and compute its features into the cache; say which files were left out, and why."""
    from dslnas.data import SPLITS
    from dslnas.runs.load import load
    from dslnas.runs.prepared import prepare_data
    from dslnas.runs.request import Request

    from .progress import watcher
    from .terminal import out, print_json, table

    experiment = load(space, Request(data, data_root, overrides=tuple(settings or ())))
    with watcher() as observer:
        prepared = prepare_data(experiment, data_root, observer)
    counts = {split: len(prepared.split(split)) for split in SPLITS}
    if as_json:
        skipped = [{"path": path, "reason": reason} for path, reason in prepared.skipped]
        facts = {"name": prepared.name, "classes": list(prepared.classes), "clips": counts}
        print_json(
            {
                **facts,
                "features": str(experiment.frontend.output),
                "skipped": skipped,
                "notes": prepared.notes,
            }
        )
        return
    console = out()
    labels = {split: Counter(prepared.split(split).labels.tolist()) for split in SPLITS}
    rows = [
        (name, *(str(labels[split][label]) for split in SPLITS))
        for label, name in enumerate(prepared.classes)
    ]
    console.print(table(prepared.name, ("class", *(f"{split}#" for split in SPLITS)), rows))
    console.print(f"\n{sum(counts.values())} clips, features {experiment.frontend.output}")
    for note in prepared.notes:
        console.print(note, soft_wrap=True)
    for path, reason in prepared.skipped:
        console.print(f"left out: {path}: {reason}", soft_wrap=True)
