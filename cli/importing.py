"""`dslnas import`: reads a published genotype, of the DARTS code, of other tools or of NAS-Bench-201."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import SetOption

EXAMPLE = "Example: dslnas import genotypes.py --name DARTS_V2 --space spaces/darts.nas -o darts_v2.json"


def import_genotype(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A Python text with `NAME = Genotype(normal=[...], ...)`, or a cell of NAS-Bench-201, "
            "`|nor_conv_3x3~0|+|...|`.",
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Which of its genotypes, where it has several."),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(
            "--space",
            metavar="FILE",
            help="The file of the space that has its operations. Default: darts, or nasbench201.",
        ),
    ] = None,
    settings: SetOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="Where to write it, .json or .nas. Default: stdout."
        ),
    ] = None,
) -> None:
    """Read a published genotype, to be planned, rendered, printed and trained like our own.

    The file is parsed and never run.
    """

    from dslnas.ir.genotype import json_text
    from dslnas.prune import nasbench201
    from dslnas.prune.darts_text import read_published
    from dslnas.prune.published import adopted
    from dslnas.resolve.genotype_text import text_of
    from dslnas.resolve.library import read_source
    from dslnas.runs.load import load
    from dslnas.runs.request import Request

    from .terminal import deliver

    source, request = read_source(file), Request(preset="paper", overrides=tuple(settings or ()))
    if (cell := nasbench201.read_cell(source)) is not None:
        experiment = load(space or nasbench201.SPACE, request)
        called = name or nasbench201.NAME
        genotype = nasbench201.adopted_cell(cell, experiment.evaluation, experiment.space_hash, str(file))
    else:
        found = read_published(source, name)
        experiment, called = load(space or "darts", request), found.name
        genotype = adopted(found, experiment.evaluation, experiment.space_hash, str(file))
    as_text = out is not None and out.suffix == ".nas"
    text = text_of(genotype, called) if as_text else json_text(genotype)
    deliver(text, out)
