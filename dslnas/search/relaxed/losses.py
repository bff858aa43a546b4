"""Regularizers of the architecture, as pure functions of the mixed weights.

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
    """L01 = -mean((p - 0.5)^2) over all weights (section 2.2): -0.25 at 0 and 1, 0 at 0.5.

    0 where there are no weights.
    """
    if not weights:
        return torch.zeros(())
    p = torch.cat([w.flatten() for w in weights])
    return -((p - 0.5) ** 2).mean()


def entropy(weights: Sequence[Tensor]) -> Tensor:
    """Normalised entropy (equation 7), mean over the vectors: 0 for one-hot vectors, 1 for uniform ones."""
    return _mean_over_vectors(weights, _entropy)


def gini(weights: Sequence[Tensor]) -> Tensor:
    """Normalised Gini impurity (equation 7), mean over the vectors: 0 for one-hot, 1 for uniform ones."""
    return _mean_over_vectors(weights, _gini)


def multihot(weights: Sequence[Tensor], k: int) -> Tensor:
    """Mean over nodes of the purity of q (section 3.1), the distribution over k-subsets of a node's edges:
    q_S is the product of p_i over S, divided by the sum of these products over all subsets of k.

    0 where exactly k weights of a node are non-zero (at any height, against the paper's claim that they
    must be 1), 1 where all are equal. A node with exactly k edges has one subset, and a loss of 0. Raises
    ValueError where a node has fewer.
    """
    return _mean_over_vectors(weights, lambda rows: _multihot(rows, k))


def multihot_strict(weights: Sequence[Tensor], k: int) -> Tensor:
    """Mean over nodes of E[(N - k)^2] / max(k, n - k)^2, with N the number of a node's n edges that are open
    where edge i is open with probability p_i, independently of the others:

        E[(N - k)^2] = sum_i p_i (1 - p_i) + (sum_i p_i - k)^2

    Where all weights lie in [0, 1] it does too. It is 0 where exactly k weights are 1 and the others 0, and
    nowhere else: what `multihot` is claimed to be. It has no other local minimum either, for it is linear in
    each weight. Ours, not the paper's. Raises ValueError where a node has fewer than k edges.
    """
    return _mean_over_vectors(weights, lambda rows: _multihot_strict(rows, k))


def _mean_over_vectors(weights: Sequence[Tensor], value: Callable[[Tensor], Tensor]) -> Tensor:
    """The mean of a function of vectors; those of one length are taken together, as rows (R, n) -> (R,)."""
    if not weights:
        return torch.zeros(())
    by_length: dict[int, list[Tensor]] = {}
    for vector in weights:
        by_length.setdefault(vector.numel(), []).append(vector)
    return torch.cat([value(torch.stack(vectors)) for vectors in by_length.values()]).mean()


def _entropy(p: Tensor) -> Tensor:
    if p.shape[1] < 2:
        return p.sum(1) * 0.0
    p = p.clamp_min(TINY)
    return -(p * p.log()).sum(1) / log(p.shape[1])


def _gini(p: Tensor) -> Tensor:
    if p.shape[1] < 2:
        return p.sum(1) * 0.0
    count = p.shape[1]
    return (p * (1.0 - p)).sum(1) * (count / (count - 1))


def _multihot(p: Tensor, k: int) -> Tensor:
    count = p.shape[1]
    _check_enough("multihot", k, count)
    if comb(count, k) == 1:
        return p.sum(1) * 0.0
    logs = p.clamp_min(TINY).log()
    products = logs[:, _subsets(count, k, p.device)].sum(2)
    return _entropy(torch.softmax(products, 1))


def _multihot_strict(p: Tensor, k: int) -> Tensor:
    count = p.shape[1]
    _check_enough("multihot_strict", k, count)
    missed = (p * (1.0 - p)).sum(1) + (p.sum(1) - k) ** 2
    return missed / max(k, count - k) ** 2


def _check_enough(name: str, k: int, count: int) -> None:
    if count < k:
        raise ValueError(f"`{name}` of {k} edges, at a node where {count} arrive")


@cache
def _subsets(n: int, k: int, device: torch.device) -> Tensor:
    """All subsets of k of n positions, (subsets, k)."""
    return torch.tensor(list(combinations(range(n), k)), device=device)


def gap(
    alpha: Mapping[str, Tensor],
    gamma: Mapping[str, Tensor],
    kept: Mapping[str, Sequence[int]],
    edges: Mapping[str, Sequence[str]],
    zeros: Mapping[str, Sequence[int]] | None = None,
    chosen: Mapping[str, Sequence[int]] | None = None,
) -> Tensor:
    """The distance between a supernet and its pruned network (equation 6), in [0, 1].

    alpha: mixed weights of the options of every choice point; gamma: of the edges of every node.
    kept: positions of the edges that a node keeps; edges: the choice point on each of its edges; zeros: by
    choice point the options that never remain; chosen: those that remain, by default the strongest one.
    The mean over nodes of |w - ones at kept edges|_1 / K and over kept edges of |w - ones at chosen|_1 / K,
    which is one-hot unless several options of an edge remain. A choice point that is no edge of a node is
    never dropped: it counts as a kept edge. 0 where nothing is chosen.
    """
    of_nodes = {edge for node in gamma for edge in edges[node]}
    points = [id for id in alpha if id not in of_nodes]
    distances: list[Tensor] = []
    for node, weights in gamma.items():
        target = torch.zeros_like(weights)
        target[list(kept[node])] = 1.0
        distances.append((weights - target).abs().mean())
        # an edge without a choice is as it is pruned
        points += [edges[node][position] for position in kept[node] if edges[node][position] in alpha]
    for point in points:
        options = alpha[point]
        target = torch.zeros_like(options)
        if chosen and point in chosen:
            target[list(chosen[point])] = 1.0
        else:
            never = torch.tensor((zeros or {}).get(point, ()), dtype=torch.long, device=options.device)
            target[options.detach().index_fill(0, never, -torch.inf).argmax()] = 1.0
        distances.append((options - target).abs().mean())
    return torch.stack(distances).mean() if distances else torch.zeros(())


# By the names that methods use.
REGULARIZER_FUNCTIONS: Mapping[str, Callable[..., Tensor]] = {
    "zero_one": zero_one,
    "entropy": entropy,
    "gini": gini,
    "multihot": multihot,
    "multihot_strict": multihot_strict,
}
