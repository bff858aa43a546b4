"""Regularizers of architecture weights, as pure functions of the mixed weights.

Weights are given as a list of vectors: one for each edge (over candidates) or for each node (over edges).
Equations are those of the ForceDARTS paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations
from math import comb, log

import torch
from torch import Tensor

TINY = 1e-30  # below it a weight counts as 0, so that 0 log 0 is 0 and has no infinite slope


def zero_one(weights: Sequence[Tensor]) -> Tensor:
    """L01 = -mean((p - 0.5)^2) over all weights (section 2.2): -0.25 where each is 0 or 1, 0 where each is 0.5."""
    p = torch.cat([w.flatten() for w in weights])
    return -((p - 0.5) ** 2).mean()


def entropy(weights: Sequence[Tensor]) -> Tensor:
    """Normalised entropy (equation 7), mean over the vectors: 0 for one-hot vectors, 1 for uniform ones."""
    return torch.stack([_entropy(p) for p in weights]).mean()


def gini(weights: Sequence[Tensor]) -> Tensor:
    """Normalised Gini impurity (equation 7), mean over the vectors: 0 for one-hot vectors, 1 for uniform ones."""
    return torch.stack([_gini(p) for p in weights]).mean()


def multihot(weights: Sequence[Tensor], k: int) -> Tensor:
    """Mean over nodes of the purity of q, the distribution over k-subsets of edges with q_S ~ prod p_i (section 3.1).

    0 where exactly k weights of a node are non-zero (at any height, against the paper's claim that they must be
    1), 1 where all are equal. A node with exactly k edges has one subset, and a loss of 0.
    """
    return torch.stack([_multihot(p, k) for p in weights]).mean()


def _entropy(p: Tensor) -> Tensor:
    if p.numel() < 2:
        return p.sum() * 0.0
    p = p.clamp_min(TINY)
    return -(p * p.log()).sum() / log(p.numel())


def _gini(p: Tensor) -> Tensor:
    if p.numel() < 2:
        return p.sum() * 0.0
    count = p.numel()
    return (p * (1.0 - p)).sum() * (count / (count - 1))


def _multihot(p: Tensor, k: int) -> Tensor:
    if p.numel() < k:
        raise ValueError(f"{k} of {p.numel()} edges cannot be kept")
    if comb(p.numel(), k) == 1:
        return p.sum() * 0.0
    logs = p.clamp_min(TINY).log()
    subsets = _subsets(p.numel(), k).to(p.device)
    return _entropy(torch.softmax(logs[subsets].sum(1), 0))


@cache
def _subsets(n: int, k: int) -> Tensor:
    return torch.tensor(list(combinations(range(n), k)))


def gap(
    alpha: Mapping[str, Tensor], gamma: Mapping[str, Tensor], kept: Mapping[str, Sequence[int]], edges: Mapping[str, Sequence[str]]
) -> Tensor:
    """The distance between a supernet and its pruned network (equation 6), in [0, 1].

    alpha: mixed weights of the candidates of every edge; gamma: mixed weights of the edges of every node.
    kept: positions of the edges that a node keeps; edges: the choice point on each of its edges.
    """
    distances: list[Tensor] = []
    for node, weights in gamma.items():
        target = torch.zeros_like(weights)
        target[list(kept[node])] = 1.0
        distances.append((weights - target).abs().mean())
        for position in kept[node]:
            if edges[node][position] not in alpha:
                continue  # an edge without a choice is as it is pruned
            options = alpha[edges[node][position]]
            chosen = torch.zeros_like(options).scatter(0, options.argmax().unsqueeze(0), 1.0)
            distances.append((options - chosen).abs().mean())
    return torch.stack(distances).mean()


# By the names that methods use.
REGULARIZERS: Mapping[str, Callable[..., Tensor]] = {
    "zero_one": zero_one,
    "entropy": entropy,
    "gini": gini,
    "multihot": multihot,
}
