"""Activations computed twice instead of kept (gradient checkpointing, Chen et al., 2016): memory for time.

A cell that is called hands out its output and keeps nothing else for the backward pass, which computes the
cell again when it gets there. Kept are then the outputs of the cells and what a single cell holds, at the
price of one more forward pass. The last cell is left alone: its backward pass begins at once, so that
nothing would be let go.
"""

from __future__ import annotations

from dataclasses import replace

from ..ir.graph import RECOMPUTE, Program


def recompute(program: Program) -> Program:
    """The program whose network computes its cells again in the backward pass."""
    *earlier, _ = [call.id for call in program.network.of_kind("call")] or [""]
    network = program.network.empty()
    for node in program.network:
        marked = replace(node, attributes=RECOMPUTE) if node.id in earlier else node
        network.add(marked, program.network.inputs(node.id))
    return replace(program, network=network)
