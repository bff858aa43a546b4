"""Gradient checkpointing (Chen et al., 2016): activations are computed twice instead of kept in memory.

A cell that is called keeps nothing but its inputs for the backward pass, which computes the cell again when
it gets there. Memory then holds the outputs of the cells and the activations of a single one, at the price
of one more forward pass. The last cell is left alone: its backward pass begins at once, so that nothing
would be freed.
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
