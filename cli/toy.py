"""`dslnas toy`: first- and second-order DARTS on a bilevel problem of two variables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from dslnas.search.relaxed.toy import Trajectory

EXAMPLE = "Example: dslnas toy --xi 0.5"
PICTURE = Path("toy.svg")


def toy(
    xi: Annotated[
        float | None,
        typer.Option(
            "--xi",
            metavar="XI",
            min=0.0,
            max=10.0,
            help="How far the weight steps ahead; 0 is the first order. Default: 0, 0.3, 0.5 and 0.7.",
        ),
    ] = None,
    as_json: JsonOption = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="PATH",
            help="The picture: .svg, .png or .pdf. Default: toy.svg, and none with --json.",
        ),
    ] = None,
) -> None:
    """Solve the bilevel problem of two variables of the DARTS paper, and draw the way there.

    The step is that of a search: the architecture by its gradient of first or second order, then the weight.
    """
    from dslnas.search.relaxed.toy import XIS, descend

    from .terminal import print_json

    found = [descend(one) for one in (XIS if xi is None else (xi,))]
    picture = out if out is not None or as_json else PICTURE
    if picture is not None:
        from dslnas.report.render.pictures import write_figure
        from dslnas.report.trajectories import trajectories_figure

        write_figure(lambda: trajectories_figure(found), picture)
    if as_json:
        rows = [_row(one) for one in found]
        print_json(rows if xi is None else rows[0])
    else:
        _show(found, picture)


def _row(one: Trajectory) -> dict[str, float]:
    return {"xi": one.xi, "iterations": one.iterations, "alpha": one.alpha, "w": one.w}


def _show(found: list[Trajectory], picture: Path | None) -> None:
    from .terminal import out, table

    rows = [(f"{one.xi:g}", f"{one.iterations:,}", f"{one.alpha:.2f}", f"{one.w:.2f}") for one in found]
    console = out()
    console.print(table("from (2, -2) to (1, 1)", ("xi#", "iterations#", "alpha#", "w#"), rows))
    console.print(str(picture), soft_wrap=True)
