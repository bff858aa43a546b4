"""The passes over the graph IR, in the order in which they run; a verifier stands before and after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..graph import Program, verify
from .blend import blend
from .pack import pack
from .recompute import recompute
from .share import share

Pass = Callable[[Program], Program]

# Of every program, and of the supernet alone, when it is lowered: what they make has no choice points to
# count.
PIPELINE: tuple[Pass, ...] = (share,)
SUPERNET_PASSES: tuple[Pass, ...] = (pack, blend)


def supernet_passes(save_memory: bool) -> tuple[Pass, ...]:
    """The passes of a supernet; save_memory: at the price of time, by `recompute`."""
    return (*SUPERNET_PASSES, recompute) if save_memory else SUPERNET_PASSES


def passes_of_paths(passes: Sequence[Pass]) -> tuple[Pass, ...]:
    """The passes of a supernet that computes one path at a time: without those that join candidates."""
    return tuple(one for one in passes if one not in SUPERNET_PASSES)


def run_passes(program: Program, pipeline: Sequence[Pass]) -> Program:
    """The program after every pass; raises VerifyError where one breaks it."""
    for one in pipeline:
        program = verify(one(program), one.__name__)
    return program
