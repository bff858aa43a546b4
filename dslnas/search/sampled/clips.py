"""How many clips judge a network of a sampled supernet; needs no torch."""

from __future__ import annotations

from math import prod

from ...ir.graph import Program

CALIBRATION, AT_ONCE = 128, 512  # clips at most: whose statistics are taken, and that are judged at a time
JUDGING = 1024  # clips at most: their accuracy has a standard error of 1.6 % or less
WIDEST = 2**28  # bytes of the largest tensor of a batch: fewer clips where clips are large


def fitting(program: Program) -> int:
    """How many clips, two at least, go through the networks of a program at once."""
    return max(2, WIDEST // widest(program))


def widest(program: Program) -> int:
    """Bytes of the largest tensor of one example."""
    return 4 * max(prod(node.type.stored) for graph in program.graphs() for node in graph)


def judging(program: Program, training: int, held: int) -> int:
    """How many clips go through each network that is judged: some that train, and some that are held out."""
    return min(CALIBRATION, fitting(program), training) + min(JUDGING, held)
