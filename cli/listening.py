"""What `listen` and `test --stream` share: checks of their options, and how a curve is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from dslnas.runs.listening.detection import Point
    from dslnas.runs.run import Run

PICTURE = "detection.svg"


@dataclass(frozen=True)
class Curve:
    """What a run hears in a recording, at each threshold."""

    run: Path
    stream: Path
    tolerance: float
    points: Sequence[Point]


def check_odd(smooth: int) -> None:
    """A usage error for an even number of windows."""
    if smooth % 2 == 0:
        raise typer.BadParameter(f"--smooth {smooth} is even: as many windows before as after are needed")


def check_known(run: Run, named: Iterable[str]) -> None:
    """Raise DslnasError N0603 for a class that the network does not know."""
    from dslnas.base.diagnostics import fail

    classes = run.experiment.classes
    for name in named:
        if name not in classes:
            raise fail("N0603", f"the network knows no class `{name}`", help=f"it knows {', '.join(classes)}")


def show_curve(curve: Curve, picture: Path | None, as_json: bool) -> None:
    """Write the picture of a curve, where one is wanted, and print its points."""
    from .terminal import out, print_json, table

    first = curve.points[0]
    if picture is not None:
        from dslnas.report.render.detections import detection_figure
        from dslnas.report.render.pictures import write_figure

        drawn = [(one.threshold, one.alarms_per_hour, one.rate) for one in curve.points]
        title = f"{curve.stream.name}: {first.labels} labels in {60 * first.hours:.1f} minutes"
        write_figure(lambda: detection_figure(drawn, title), picture)
    if as_json:
        points = [
            {**asdict(one), "rate": one.rate, "alarms_per_hour": one.alarms_per_hour} for one in curve.points
        ]
        about = {"run": str(curve.run), "stream": str(curve.stream), "tolerance": curve.tolerance}
        print_json({**about, "labels": first.labels, "hours": first.hours, "points": points})
        return
    rows = [
        (
            f"{one.threshold:g}",
            str(one.hits),
            f"{100 * one.rate:.1f} %",
            str(one.alarms),
            f"{one.alarms_per_hour:.1f}",
        )
        for one in curve.points
    ]
    heads = ("threshold#", "heard#", "of the labels#", "false alarms#", "per hour#")
    console = out()
    console.print(table(f"{first.labels} labels in {60 * first.hours:.1f} minutes", heads, rows))
    hit = f"a label is heard where an event of its class comes within {curve.tolerance:g} s of it"
    console.print(f"{hit}; an event that hits no label is a false alarm", soft_wrap=True)
    if picture is not None:
        console.print(str(picture), soft_wrap=True)
