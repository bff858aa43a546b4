"""`dslnas predict`: labels and probabilities for recordings or pictures."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Device, DeviceOption, JsonOption, RunArgument, UnknownOption

if TYPE_CHECKING:
    from dslnas.runs.predict import Prediction

EXAMPLE = "Example: dslnas predict runs/ss1-digits-darts-s0 one.wav evening/ --top 3 --csv heard.csv"


FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE|FOLDER...",
        help="Recordings: wav, flac or ogg, any rate and length; or pictures. Of a folder all "
        "that are below it; '*.wav' as a shell expands it.",
    ),
]
TopOption = Annotated[
    int, typer.Option("--top", min=1, metavar="K", help="Tell the K likeliest classes of each.")
]
CsvOption = Annotated[
    Path | None,
    typer.Option(
        "--csv", metavar="FILE", help="Write a table too: a row for each file, and for each window."
    ),
]
ProcessesOption = Annotated[
    int,
    typer.Option(
        "--processes",
        min=1,
        metavar="N",
        help="Share the files among N processes, each on one thread.",
    ),
]


def predict(
    run: RunArgument,
    files: FilesArgument,
    top: TopOption = 2,
    csv: CsvOption = None,
    processes: ProcessesOption = 1,
    unknown: UnknownOption = None,
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Say what the trained network of a run hears in recordings.

    Of a long recording it says so for each window, and for all of it by their mean; of silence, `silent`.
    A network of pictures is given pictures: png, jpeg, any size. What cannot be used is told with its
    reason, and the others go on: the exit code is 1 where there is any such file, pattern or folder. Other
    files in a folder are counted.
    """
    from dslnas.data.own.endings import PICTURES, RECORDINGS
    from dslnas.data.own.given import given
    from dslnas.runs.predict import Unused, answers

    from .predicted import Lines, counting, table_file
    from .running import checked_device, opened, threshold_of
    from .terminal import print_json, say

    source = opened(run, None, device)
    known = threshold_of(source, unknown)
    found = given(files, PICTURES if source.decided.experiment.frontend.sees_images else RECORDINGS)
    for remark in found.left_out:
        say(remark)
    for path, reason in found.unused:
        say(f"skipped {path}: {reason}")
    predictions: list[Prediction] = []
    skipped = list(found.unused)
    with ExitStack() as open_until_the_end:
        rows = open_until_the_end.enter_context(table_file(csv, top))
        advance = open_until_the_end.enter_context(counting(len(found.files), alone=as_json))
        lines = Lines([str(path) for path in found.files], source.experiment.classes, top)
        for one in answers(source, found.files, checked_device(device), say, known, processes):
            advance()
            if isinstance(one, Unused):
                say(f"skipped {one.path}: {one.reason}")
                skipped.append((one.path, one.reason))
                continue
            rows(one)
            if as_json:
                predictions.append(one)
            else:
                lines.tell(one)
    if as_json:
        told = [{"path": path, "reason": reason} for path, reason in skipped]
        print_json({"predictions": [_as_json(one, top) for one in predictions], "skipped": told})
    if skipped:
        raise typer.Exit(1)


def _as_json(one: Prediction, top: int) -> dict[str, Any]:
    """A prediction as JSON data."""
    from dslnas.runs.predict import likeliest

    return {
        "path": one.path,
        "label": one.label,
        "probability": one.probability,
        "probabilities": one.probabilities,
        "top": [{"label": label, "probability": share} for label, share in likeliest(one)[:top]],
        "windows": [asdict(window) for window in one.windows],
        "notes": list(one.notes),
    }
