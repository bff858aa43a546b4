"""`dslnas test`: tests the network of a run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    Device,
    DeviceOption,
    HopOption,
    IgnoreOption,
    JsonOption,
    MovedOption,
    RootOption,
    RunArgument,
    SmoothOption,
)

if TYPE_CHECKING:
    from dslnas.runs.run import Run

    from .listening import Curve

EXAMPLE = "Example: dslnas test runs/ss1-digits-darts-s0"


def test(
    run: RunArgument,
    unknown: Annotated[
        bool,
        typer.Option(
            "--unknown", help="Choose on validation below which confidence sounds are unknown, and keep it."
        ),
    ] = False,
    keep: Annotated[
        float,
        typer.Option("--keep", min=0.5, max=1, metavar="SHARE", help="Of these clips that are then known."),
    ] = 0.95,
    stream: Annotated[
        Path | None,
        typer.Option("--stream", metavar="WAV", help="Listen to a long recording of known --labels."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="Its labels with times: Audacity's text, or a table."),
    ] = None,
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", min=0, metavar="SECONDS", help="How far from its label an event may be."),
    ] = 0.5,
    hop: HopOption = None,
    smooth: SmoothOption = 3,
    ignore: IgnoreOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="PATH",
            help="With --stream, the picture. Default: detection.svg in the run, and none with --json.",
        ),
    ] = None,
    data: MovedOption = None,
    data_root: RootOption = None,
    device: DeviceOption = Device.AUTO,
    as_json: JsonOption = False,
) -> None:
    """Test the trained network of a run on the test split of its data.

    The clips are those that the run keeps a list of, whatever has come to the data since. With --unknown
    nothing is tested: `predict --unknown` and `listen --unknown` go by what is chosen. With --stream the
    events that `listen` tells are compared with labels, at many thresholds. A label is hit by an event of its
    class that comes within the tolerance of it; an event hits one label at most, and is a false alarm where
    it hits none.
    """
    from dslnas.runs.run import retest

    from .listening import PICTURE, check_odd, show_curve
    from .running import finish, opened, watched

    if (stream is None) != (labels is None):
        raise typer.BadParameter("--stream and --labels go together: say both")
    check_odd(smooth)
    tested = opened(run, data_root, device, data=data)
    if stream is not None and labels is not None:
        heard = _heard(tested, stream, labels, tolerance, hop, smooth, ignore or [])
        show_curve(heard, out if out is not None or as_json else run / PICTURE, as_json)
        return
    if unknown:
        _choose(tested, keep, as_json)
        return
    finish(run, watched(tested, lambda observer: retest(tested, observer)), as_json)


def _heard(
    run: Run,
    stream: Path,
    labels: Path,
    tolerance: float,
    hop: float | None,
    smooth: int,
    ignored: list[str],
) -> Curve:
    """The curve of a recording; says which labels are of no class."""
    from dslnas.base.diagnostics import fail
    from dslnas.runs.listening.detection import curve, scores_of_file
    from dslnas.runs.listening.hearing import HOPS, Hearing
    from dslnas.runs.listening.labels import HELP, stream_labels

    from .listening import Curve, check_known
    from .terminal import say

    check_known(run, ignored)
    classes, resampling = run.experiment.classes, run.experiment.resampling
    told, others = stream_labels(labels, stream, classes)
    if others:
        say(f"{others} of {others + len(told)} labels are of no class of the network: events there hit none")
    if all(one.label in ignored for one in told):
        raise fail("N0605", f"{labels} holds no label of a class that is to be heard", help=HELP)
    hearing = Hearing.listening(run, run.device)
    step = hearing.hop(hop or hearing.clip / HOPS)
    scores, hours = scores_of_file(hearing, stream, resampling, step, smooth)
    points = curve(scores, classes, step, told, hours, tolerance, ignored)
    return Curve(run.path, stream, tolerance, points)


def _choose(run: Run, keep: float, as_json: bool) -> None:
    """Choose the thresholds of unknown sounds, and print them."""
    from dslnas.base.run_folder import UNKNOWN
    from dslnas.runs.listening.unknown import CONFIDENCES, choose

    from .running import watched
    from .terminal import out, print_json, table

    found = watched(run, lambda observer: choose(run, observer, keep))
    if as_json:
        print_json({"run": str(run.path), **found})
        return
    rows = [(name, f"{found[name]:.4g}") for name in CONFIDENCES]
    out().print(table("", ("known from", "threshold#"), rows))
    out().print(
        f"{keep:.0%} of {found['clips']} validation clips are known: {run.path / UNKNOWN}", soft_wrap=True
    )
