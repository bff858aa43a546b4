"""`dslnas render`: pictures of cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import DataOption, SetOption, SpaceOption

EXAMPLE = "Example: dslnas render runs/ss1-digits-darts-s0 -o cells.svg"


def render(
    source: Annotated[
        str,
        typer.Argument(
            metavar="GENOTYPE|FILE|RUN", help="A genotype (.json or .nas), a space, or a run folder."
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="PATH", help="The picture: .svg, .png, .pdf, .dot or .mmd.")
    ],
    data: DataOption = None,
    settings: SetOption = None,
    space: SpaceOption = None,
) -> None:
    """Draw the cells of a genotype; of a space, every cell with all its edges; without cells, its stages.

    The number of nodes of a space can depend on the data set (--data) and on settings (--set nodes=4).
    """
    from dslnas.report.reader.layers import drawings_of_layers
    from dslnas.report.render.pictures import drawing_of_kind, drawings_of
    from dslnas.report.render.pictures import render as draw
    from dslnas.runs.request import Request

    from .subject import genotype_in, subject_of
    from .terminal import out as console

    genotype = genotype_in(Path(source))
    if genotype is not None and genotype.cells:
        drawings, title = (
            drawings_of(genotype),
            f"{genotype.space}, {genotype.method}",
        )
    else:
        experiment = subject_of(source, Request(data, overrides=tuple(settings or ())), space).experiment
        program = experiment.supernet
        drawings, title = [drawing_of_kind(kind, program) for kind in program.kinds.values()], program.space
        if not drawings:
            drawings = drawings_of_layers(experiment.space, dict(genotype.choices) if genotype else None)
    console().print(str(draw(drawings, out, title)), soft_wrap=True)
