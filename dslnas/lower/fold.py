"""Mixing folded into the sum: a supernet's node as one weighted sum over every candidate of every edge.

A node computes `sum_e gamma_e sum_o alpha_eo x_eo`. Written as one sum with the weights `gamma_e alpha_eo`
it passes over each tensor once and keeps no mixture in between. The products are formed once for all cells
of a kind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor

from ..graph import Selection
from .schedule import folded_name


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
