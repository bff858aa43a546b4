"""`dslnas predict`: labels and probabilities for recordings or pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Device, DeviceOption, JsonOption, RunArgument

if TYPE_CHECKING:
    from dslnas.runs.predict import Prediction

EXAMPLE = "Example: dslnas predict runs/ss1-digits-darts-s0 one.wav two.flac --json"


def predict(
    run: RunArgument,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="WAV...", help="Recordings: wav, flac or ogg, any rate and length; or pictures."
        ),
    ],
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Say what the trained network of a run hears in recordings.

    A network of pictures is given pictures: png, jpeg, any size. Files that cannot be used are told with
    their reason; the exit code is 1 where none can.
    """
    from dslnas.runs.predict import predict as predict_all

    from .running import checked_device, opened
    from .terminal import out, print_json, say, table, tail_of

    predictions, skipped = predict_all(opened(run, None, device), files, checked_device(device), say)
    if as_json:
        print_json(
            {
                "predictions": [
                    {
                        "path": str(one.path),
                        "label": one.label,
                        "probability": one.probability,
                        "probabilities": one.probabilities,
                    }
                    for one in predictions
                ],
                "skipped": [{"path": path, "reason": reason} for path, reason in skipped],
            }
        )
    elif predictions:
        console = out()
        found = [(one.label, f"{100 * one.probability:.1f} %", _next(one)) for one in predictions]
        heads = ("label", "probability#", "then")
        taken = sum(max(len(head), *map(len, cells)) + 3 for head, *cells in zip(heads, *found, strict=True))
        rows = [
            (tail_of(str(one.path), console.width - taken - 3), *cells)
            for one, cells in zip(predictions, found, strict=True)
        ]
        console.print(table("", ("recording", *heads), rows))
    for path, reason in skipped:
        say(f"skipped {path}: {reason}")
    if not predictions:
        raise typer.Exit(1)


def _next(prediction: Prediction) -> str:
    """The second most likely label."""
    ranked = sorted(prediction.probabilities.items(), key=lambda item: -item[1])
    return f"{ranked[1][0]} {100 * ranked[1][1]:.1f} %" if len(ranked) > 1 else ""
