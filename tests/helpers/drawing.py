"""Genotypes of programs, drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dslnas.ir.genotype import Genotype
from dslnas.ir.graph import Program
from dslnas.prune.prune import prune


def genotype_drawn(draw: Any, program: Program) -> Genotype:
    """A genotype of a program: each choice, and the edges of each node, as chance has it."""
    chance = draw(st.randoms(use_true_random=False))
    alpha = {id: [chance.random() for _ in point.options] for id, point in program.choices.items()}
    gamma = {id: [chance.random() for _ in one.sources] for id, one in program.selections.items()}
    keep = {id: one.keep for id, one in program.selections.items()}
    return prune(program, alpha, gamma, keep, "sha256:0", "darts")
