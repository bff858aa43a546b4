"""`dslnas grammar`: the grammar by which other tools hold a language model to the language."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = "Example: dslnas grammar --for gbnf -o dslnas.gbnf"


class For(StrEnum):
    """The forms in which engines read a grammar."""

    LARK = "lark"
    GBNF = "gbnf"
    LLGUIDANCE = "llguidance"


def grammar(
    target: Annotated[
        For,
        typer.Option(
            "--for",
            help="lark for most engines, gbnf for llama.cpp and xgrammar, llguidance with its operators.",
        ),
    ] = For.LARK,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where to write it. Default: stdout.")
    ] = None,
) -> None:
    """Print the grammar of .nas files for constrained decoding: what a language model then writes, is read.

    It is made from the grammar of the parser, with spaces and newlines in it.
    """
    from dslnas.parse.grammars.write import grammar_for

    from .terminal import deliver

    deliver(grammar_for(target.value), out)
