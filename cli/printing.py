"""`dslnas print`: a genotype as source text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import JsonOption

EXAMPLE = "Example: dslnas print runs/ss1-fsdd-darts-s0 --name small_cells -o small_cells.nas"


def print_genotype(
    genotype: Annotated[
        Path,
        typer.Argument(metavar="GENOTYPE|RUN", help="A genotype (.json or .nas), or the folder of a run."),
    ],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What the text calls it.")] = "found",
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where to write it. Default: stdout.")
    ] = None,
    as_json: JsonOption = False,
    as_darts: Annotated[
        bool, typer.Option("--darts", help="As the DARTS code writes it, for `dslnas import` and others.")
    ] = False,
) -> None:
    """Print a genotype as text that any space file may `use`: `space Smaller = SS1 with found.normal`.

    `dslnas genotype.json` and `dslnas RUN` are short for it.
    """
    from dslnas.base.diagnostics import fail
    from dslnas.ir.genotype import json_text
    from dslnas.prune.published import published_text
    from dslnas.resolve.genotype_text import text_of

    from .subject import genotype_in
    from .terminal import deliver

    found = genotype_in(genotype)
    if found is None:
        raise fail("N0501", f"{genotype} holds no genotype", help="search one: `dslnas search FILE`")
    if as_darts:
        text = published_text(found, name)
    elif as_json:
        text = json_text(found)
    else:
        text = text_of(found, name)
    deliver(text, out)
