"""`dslnas render`: cells as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import DataOption, SetOption, SpaceOption

if TYPE_CHECKING:
    from dslnas.graph import CellKind, Program
    from dslnas.render import CellDrawing

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
    """Draw the cells of a genotype; of a space, every cell with all its edges.

    The number of nodes of a space can depend on the data set (--data) and on settings (--set nodes=4).
    """
    from dslnas.render import drawing_of
    from dslnas.render import render as draw

    from .subject import Wish, genotype_in, subject_of
    from .terminal import out as console

    genotype = genotype_in(Path(source))
    if genotype is not None:
        drawings, title = (
            [drawing_of(cell) for cell in genotype.cells],
            f"{genotype.space}, {genotype.method}",
        )
    else:
        experiment = subject_of(source, Wish(data, overrides=tuple(settings or ())), space).experiment
        program = experiment.supernet
        drawings, title = [drawing_of_kind(kind, program) for kind in program.kinds.values()], program.space
    console().print(str(draw(drawings, out, title)), soft_wrap=True)


def drawing_of_kind(kind: CellKind, program: Program) -> CellDrawing:
    """A kind of cell before the search: every edge, with what it can become."""
    from dslnas.render import CellDrawing

    edges = []
    for node in kind.nodes:
        selection = program.selections.get(f"{kind.name}/{node}")
        for source, choice in zip(selection.sources, selection.edges, strict=True) if selection else ():
            options = program.choices[choice].options if choice in program.choices else ()
            edges.append((source, node, options[0] if len(options) == 1 else _several(len(options))))
    return CellDrawing(kind.name, kind.inputs, kind.nodes, tuple(edges), kind.output)


def _several(count: int) -> str:
    return f"{count} candidates" if count else ""
