"""The passes over the graph IR, in the order in which they run; a verifier stands before and after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..graph import Program, verify
from .share import share

Pass = Callable[[Program], Program]

PIPELINE: tuple[Pass, ...] = (share,)


def run_passes(program: Program, pipeline: Sequence[Pass]) -> Program:
    """The program after every pass; raises VerifyError where one breaks it."""
    for one in pipeline:
        program = verify(one(program), one.__name__)
    return program
