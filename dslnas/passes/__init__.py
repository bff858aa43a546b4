"""The pipeline of passes over the graph IR; the verifier runs before and after each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from ..ir.graph import Program
from ..ir.verify import verify
from .blend import blend
from .pack import pack
from .recompute import recompute
from .share import share

Pass = Callable[[Program], Program]

# PIPELINE runs on every program, SUPERNET_PASSES on a supernet alone, when it is lowered: what they make has
# no choice points to count.
PIPELINE: tuple[Pass, ...] = (share,)
SUPERNET_PASSES: tuple[Pass, ...] = (pack, blend)


# On a CPU, joining candidates pays while its caches hold what is joined: while the output of a candidate for
# a batch is no larger than this (SS1, two cores: 1 MiB 10 % faster, 1.5 MiB 4 %, 2 MiB 9 % slower, 6 MiB 54).
# A complex number counts once: its layers are more operators, so that joining pays up to twice the size (one
# core: 2 MiB 9 % faster, 3 MiB 1 %, 4 MiB 6 % slower).
JOINED_BYTES = 3 * 2**19


def supernet_passes(
    program: Program, batch: int, save_memory: bool = False, device: str = "cpu"
) -> tuple[Pass, ...]:
    """The passes that pay for a supernet at a batch size; save_memory: also `recompute`, which costs time."""
    joined = SUPERNET_PASSES if device != "cpu" or _candidate_bytes(program, batch) <= JOINED_BYTES else ()
    return (*joined, recompute) if save_memory else joined


def _candidate_bytes(program: Program, batch: int) -> int:
    """Bytes of the largest output of a candidate for a batch in float32; a complex number counts once."""
    sizes = [prod(mix.type.shape) for graph in program.cells.values() for mix in graph.of_kind("mix")]
    return 4 * batch * max(sizes, default=0)


def passes_of_paths(passes: Sequence[Pass]) -> tuple[Pass, ...]:
    """The passes of a supernet that computes one path at a time: without those that join candidates."""
    return tuple(one for one in passes if one not in SUPERNET_PASSES)


def run_passes(program: Program, pipeline: Sequence[Pass]) -> Program:
    """The program after every pass; raises VerifyError where one breaks it."""
    for one in pipeline:
        program = verify(one(program), one.__name__)
    return program
