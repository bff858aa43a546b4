"""`dslnas predict`: labels and probabilities for recordings or pictures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Device, DeviceOption, JsonOption, RunArgument, UnknownOption

if TYPE_CHECKING:
    from dslnas.runs.predict import Prediction, Window

MOST_WINDOWS = 40  # of a recording, in the terminal
EXAMPLE = "Example: dslnas predict runs/ss1-digits-darts-s0 one.wav two.flac --json"


def predict(
    run: RunArgument,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="WAV...", help="Recordings: wav, flac or ogg, any rate and length; or pictures."
        ),
    ],
    unknown: UnknownOption = None,
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Say what the trained network of a run hears in recordings.

    Of a long recording it says so for each window, and for all of it by their mean; of silence, `silent`.
    A network of pictures is given pictures: png, jpeg, any size. Files that cannot be used are told with
    their reason; the exit code is 1 where none can.
    """
    from dslnas.runs.predict import predict as predict_all

    from .running import checked_device, opened, threshold_of
    from .terminal import out, print_json, say, table, tail_of

    source = opened(run, None, device)
    known = threshold_of(source, unknown)
    predictions, skipped = predict_all(source, files, checked_device(device), say, known)
    if as_json:
        print_json(
            {
                "predictions": [
                    {
                        "path": str(one.path),
                        "label": one.label,
                        "probability": one.probability,
                        "probabilities": one.probabilities,
                        "windows": [asdict(window) for window in one.windows],
                        "notes": list(one.notes),
                    }
                    for one in predictions
                ],
                "skipped": [{"path": path, "reason": reason} for path, reason in skipped],
            }
        )
    elif predictions:
        console = out()
        found = [(*_told(one), _next(one)) for one in predictions]
        heads = ("label", "probability#", "then")
        taken = sum(max(len(head), *map(len, cells)) + 3 for head, *cells in zip(heads, *found, strict=True))
        rows = [
            (tail_of(str(one.path), console.width - taken - 3), *cells)
            for one, cells in zip(predictions, found, strict=True)
        ]
        console.print(table("", ("recording", *heads), rows))
        for one in predictions:
            if len(one.windows) > 1:
                _show_windows(one)
    for path, reason in skipped:
        say(f"skipped {path}: {reason}")
    if not predictions:
        raise typer.Exit(1)


def _told(one: Prediction | Window) -> tuple[str, str]:
    """The label and its probability; `silent` where there is nothing to hear."""
    return ("silent", "") if one.label is None else (one.label, f"{100 * (one.probability or 0):.1f} %")


def _show_windows(one: Prediction) -> None:
    """Print what is heard in each window of a recording, with its times."""
    from .terminal import out, table, tail_of

    shown = one.windows[:MOST_WINDOWS]
    rows = [(f"{window.start:.2f}", f"{window.end:.2f}", *_told(window)) for window in shown]
    title = tail_of(one.path, out().width)
    out().print(table(title, ("from (s)#", "to (s)#", "label", "probability#"), rows))
    if more := len(one.windows) - len(shown):
        out().print(f"and {more} more windows: `--json` has all")


def _next(prediction: Prediction) -> str:
    """The second most likely label."""
    ranked = sorted(prediction.probabilities.items(), key=lambda item: -item[1])
    return f"{ranked[1][0]} {100 * ranked[1][1]:.1f} %" if len(ranked) > 1 else ""
