"""Genotypes drawn by the final weights of a relaxed search."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from ...ir.genotype import Genotype
from ...ir.graph import Program
from ...methods.method import RelaxedMethod
from ...prune.prune import prune_as
from ...train.batches import seeded

TRIES = 20  # draws for each genotype that is wanted: a search that is sure of itself has few of them
LEAST = 1e-12  # a weight of 0 is never drawn before another

Weights = Mapping[str, Sequence[float]]


def drawn_genotypes(
    method: RelaxedMethod,
    program: Program,
    alpha: Weights,
    gamma: Weights,
    space_hash: str,
    count: int,
    seed: int,
) -> list[Genotype]:
    """At most `count` different genotypes: first the one of the greatest weights, then those that are drawn.

    An option is drawn as often as its weight says, the edges into a node one after another by theirs: the
    logarithm of each weight plus noise of Gumbel, and the strongest of these remain (Vieira, 2014). So what
    holds of the strongest, such as a limit on skips, holds of what is drawn. It follows from the seed.
    """
    chance = seeded(seed, "rerank")
    found = [prune_as(method, program, alpha, gamma, space_hash)]
    for _ in range(TRIES * count):
        if len(found) >= count:
            break
        one = prune_as(method, program, _noisy(alpha, chance), _noisy(gamma, chance), space_hash)
        if one not in found:
            found.append(one)
    return found


def _noisy(weights: Weights, chance: torch.Generator) -> dict[str, list[float]]:
    """Weights times `exp(g)`, with g from Gumbel's distribution: their order is that of `log w + g`."""
    found = {}
    for id, row in weights.items():
        drawn = torch.rand(len(row), generator=chance, dtype=torch.float64).clamp(1e-300, 1 - 1e-16).tolist()
        found[id] = [max(weight, LEAST) / -math.log(u) for weight, u in zip(row, drawn, strict=True)]
    return found
