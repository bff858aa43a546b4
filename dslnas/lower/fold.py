"""Mixing folded into the sum: a supernet's node as one weighted sum over every candidate of every edge.

A node computes `sum_e gamma_e sum_o alpha_eo x_eo`. Written as one sum with the weights `gamma_e alpha_eo`
it passes over each tensor once and keeps no mixture in between. The products are formed once for all cells
of a kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from ..graph import Selection
from .walk import Step


def folded_name(selection: str) -> str:
    """Under which name the weights of a folded sum lie among the mixed weights."""
    return f"{selection} folded"


def foldable(steps: Sequence[Step]) -> dict[str, tuple[Step, ...]]:
    """The sums whose inputs are all mixes that nothing else reads, by id, with these mixes in order."""
    by_id = {step.node.id: step for step in steps}
    readers = Counter(source for step in steps for source in step.inputs)
    found: dict[str, tuple[Step, ...]] = {}
    for step in steps:
        mixes = tuple(by_id[source] for source in step.inputs)
        if step.node.kind == "sum" and all(m.node.kind == "mix" and readers[m.node.id] == 1 for m in mixes):
            found[step.node.id] = mixes
    return found


def folded_weights(
    selections: Mapping[str, Selection], wanted: Collection[str], weights: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The weights of the folded sums: over the candidates of the first edge, then of the second, ..."""
    made: dict[str, Tensor] = {}
    for id in wanted:
        gamma = weights[id].unbind()
        alphas = [weights[edge] for edge in selections[id].edges]
        made[folded_name(id)] = torch.cat([g * alpha for g, alpha in zip(gamma, alphas, strict=True)])
    return made
