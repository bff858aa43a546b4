"""Regularizers and the gap: bounds, symmetries, gradients, and the closed forms of the paper."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd import gradcheck

from dslnas.methods.loss import REGULARIZERS
from dslnas.prune.prune import strongest
from dslnas.search.relaxed.losses import (
    REGULARIZER_FUNCTIONS,
    entropy,
    gap,
    gini,
    multihot,
    multihot_strict,
    zero_one,
)

PURITIES = (entropy, gini)


def test_every_regularizer_that_a_method_may_name_is_computed() -> None:
    assert set(REGULARIZER_FUNCTIONS) == set(REGULARIZERS)


def vector(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


lengths = st.integers(2, 7)
heights = st.floats(0.01, 1.0)


@st.composite
def distributions(draw: st.DrawFn) -> Tensor:
    logits = draw(st.lists(st.floats(-30, 30), min_size=2, max_size=7))
    return torch.softmax(vector(*logits), 0)


@st.composite
def independent(draw: st.DrawFn, least: int = 1) -> Tensor:
    return vector(*draw(st.lists(st.floats(0, 1), min_size=least, max_size=7)))


@given(st.lists(distributions(), min_size=1, max_size=4))
def test_purities_lie_between_0_and_1(weights: list[Tensor]) -> None:
    for loss in PURITIES:
        assert -1e-12 <= float(loss(weights)) <= 1 + 1e-12


@given(lengths, st.data())
def test_purities_are_0_at_one_hot_and_1_at_uniform(n: int, data: st.DataObject) -> None:
    hot = torch.zeros(n, dtype=torch.float64)
    hot[data.draw(st.integers(0, n - 1))] = 1.0
    even = torch.full((n,), 1 / n, dtype=torch.float64)
    for loss in PURITIES:
        assert float(loss([hot])) == pytest.approx(0, abs=1e-12)
        assert float(loss([even])) == pytest.approx(1, abs=1e-12)
        assert float(loss([hot, even])) == pytest.approx(0.5, abs=1e-12)


@given(distributions())
def test_purities_are_0_at_one_hot_and_1_at_uniform_alone(p: Tensor) -> None:
    for loss in PURITIES:
        if float(p.max()) < 1 - 1e-6:
            assert float(loss([p])) > 1e-9
        if float(p.max() - p.min()) > 1e-3:
            assert float(loss([p])) < 1 - 1e-9


@given(st.lists(independent(), min_size=1, max_size=4))
def test_zero_one_lies_between_its_bounds(weights: list[Tensor]) -> None:
    assert -0.25 - 1e-12 <= float(zero_one(weights)) <= 1e-12


def test_zero_one_at_its_bounds() -> None:
    assert float(zero_one([vector(0, 1, 1), vector(0)])) == -0.25
    assert float(zero_one([vector(0.5, 0.5), vector(0.5)])) == 0
    assert (
        float(zero_one([vector(0.5, 1.0), vector(0.5, 0.5)])) == -0.25 / 4
    )  # a mean over weights, not vectors


@given(st.integers(2, 6), st.data())
def test_losses_do_not_depend_on_the_order(n: int, data: st.DataObject) -> None:
    p = vector(*data.draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)))
    shuffled = p[data.draw(st.permutations(range(n)))]
    losses = [zero_one, entropy, gini]
    for several in (multihot, multihot_strict):
        losses += [lambda w, k=k, several=several: several(w, k) for k in range(1, n + 1)]
    for loss in losses:
        assert float(loss([p])) == pytest.approx(float(loss([shuffled])), abs=1e-10)


@given(st.lists(distributions(), min_size=2, max_size=5))
def test_the_mean_is_over_vectors_whatever_their_lengths(weights: list[Tensor]) -> None:
    for loss in (entropy, gini, lambda w: multihot(w, 2), lambda w: multihot_strict(w, 2)):
        single = sum(float(loss([p])) for p in weights) / len(weights)
        assert float(loss(weights)) == pytest.approx(single, abs=1e-10)


# --- multihot ----------------------------------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(1, 4), st.data())
def test_multihot_is_0_at_k_ones_and_1_where_all_are_equal(n: int, k: int, data: st.DataObject) -> None:
    if n <= k:
        return
    ones = torch.zeros(n, dtype=torch.float64)
    ones[data.draw(st.permutations(range(n)))[:k]] = 1.0
    assert float(multihot([ones], k)) == pytest.approx(0, abs=1e-9)
    level = data.draw(heights)
    assert float(multihot([torch.full_like(ones, level)], k)) == pytest.approx(1, abs=1e-9)


@given(st.integers(3, 6), st.integers(1, 3), st.data())
def test_multihot_is_0_at_any_k_nonzero_weights(n: int, k: int, data: st.DataObject) -> None:
    """The paper claims a minimum at true multi-hot vectors alone; weights of any height refute it."""
    if n <= k:
        return
    p = torch.zeros(n, dtype=torch.float64)
    p[:k] = vector(*data.draw(st.lists(heights, min_size=k, max_size=k)))
    assert float(multihot([p], k)) == pytest.approx(0, abs=1e-9)


def test_the_pairs_of_multihot_are_unordered() -> None:
    """With ordered pairs the two orders of the one pair would leave log 2 of entropy."""
    assert float(multihot([vector(1, 1, 0)], 2)) == pytest.approx(0, abs=1e-12)


def test_multihot_of_three_weights_by_hand() -> None:
    a, b, c = 0.9, 0.6, 0.3
    products = torch.tensor([a * b, a * c, b * c], dtype=torch.float64)
    q = products / products.sum()
    by_hand = float(-(q * q.log()).sum() / torch.tensor(3.0, dtype=torch.float64).log())
    assert float(multihot([vector(a, b, c)], 2)) == pytest.approx(by_hand, abs=1e-12)


@given(independent())
def test_a_node_that_keeps_all_its_edges_has_no_loss(p: Tensor) -> None:
    p.requires_grad_()
    loss = multihot([p], len(p))
    assert loss.item() == 0
    (gradient,) = torch.autograd.grad(loss, [p])
    assert torch.equal(gradient, torch.zeros_like(p))


@pytest.mark.parametrize("loss", [multihot, multihot_strict])
@given(data=st.data())
def test_multihot_lies_between_0_and_1_for_every_k_and_n(
    loss: Callable[[list[Tensor], int], Tensor], data: st.DataObject
) -> None:
    p = data.draw(independent())
    k = data.draw(st.integers(1, len(p)))
    assert -1e-12 <= float(loss([p], k)) <= 1 + 1e-12


@pytest.mark.parametrize("loss", [multihot, multihot_strict])
@given(data=st.data())
def test_a_node_with_fewer_edges_than_k_is_an_error(
    loss: Callable[[list[Tensor], int], Tensor], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, 6))
    k = data.draw(st.integers(count + 1, 8))
    enough, few = torch.full((k,), 0.5), torch.full((count,), 0.5)
    with pytest.raises(ValueError, match=f"`{loss.__name__}` of {k} edges, at a node where {count} arrive"):
        loss([enough, few], k)


# --- multihot_strict ---------------------------------------------------------------------------------------


@given(independent(), st.data())
def test_multihot_strict_is_the_mean_square_of_how_many_edges_are_missing(
    p: Tensor, data: st.DataObject
) -> None:
    """By enumerating which edges are open."""
    n = len(p)
    k = data.draw(st.integers(1, n))
    mean = sum(
        prod(q if is_open else 1 - q for q, is_open in zip(p.tolist(), opened, strict=True))
        * (sum(opened) - k) ** 2
        for opened in product((False, True), repeat=n)
    )
    assert float(multihot_strict([p], k)) == pytest.approx(mean / max(k, n - k) ** 2, abs=1e-9)


@given(st.integers(1, 7), st.data())
def test_multihot_strict_is_0_at_k_ones_and_1_farthest_from_them(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, n))
    ones = torch.zeros(n, dtype=torch.float64)
    ones[data.draw(st.permutations(range(n)))[:k]] = 1.0
    assert float(multihot_strict([ones], k)) == 0
    farthest = torch.zeros_like(ones) if k >= n - k else torch.ones_like(ones)
    assert float(multihot_strict([farthest], k)) == 1


@given(st.integers(1, 7), st.floats(0, 1), st.data())
def test_multihot_strict_is_0_at_k_ones_alone(n: int, distance: float, data: st.DataObject) -> None:
    """Where it is small, the weights are near to k ones: no vector is a counterexample.

    sum p (1 - p) is at least half of the distance to the nearest vector of zeros and ones; that has exactly k
    ones where |sum p - k|, which is at most the root of the loss, and the distance together are below 1.
    """
    k = data.draw(st.integers(1, n))
    near = [float(place < k) for place in range(n)]
    moved = data.draw(st.lists(st.floats(-1, 1), min_size=n, max_size=n))
    p = vector(*(min(1.0, max(0.0, q + distance * by)) for q, by in zip(near, moved, strict=True)))
    missed = float(multihot_strict([p], k)) * max(k, n - k) ** 2
    if missed < 0.1:
        target = torch.zeros_like(p)
        target[p.topk(k).indices] = 1.0
        assert float((p - target).abs().sum()) <= 2 * missed + 1e-9


@given(st.integers(3, 6), st.integers(1, 3), st.data())
def test_what_refutes_multihot_does_not_refute_the_strict_one(n: int, k: int, data: st.DataObject) -> None:
    if n <= k:
        return
    p = torch.zeros(n, dtype=torch.float64)
    p[:k] = vector(*data.draw(st.lists(st.floats(0.01, 0.9), min_size=k, max_size=k)))
    assert float(multihot([p], k)) == pytest.approx(0, abs=1e-9)
    assert float(multihot_strict([p], k)) > 1e-3


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 5), st.data())
def test_descent_on_multihot_strict_ends_at_k_ones(n: int, data: st.DataObject) -> None:
    """From any weights that differ it falls to k ones: there is no other local minimum to stay in."""
    k = data.draw(st.integers(1, n))
    spread = st.floats(0.05, 0.95).map(lambda q: round(q, 2))
    p = vector(*data.draw(st.lists(spread, min_size=n, max_size=n, unique=True)))
    for _ in range(300):
        p.requires_grad_()
        (gradient,) = torch.autograd.grad(multihot_strict([p], k), [p])
        p = (p.detach() - 0.5 * gradient).clamp(0, 1)
    assert sorted(p.tolist()) == pytest.approx([0.0] * (n - k) + [1.0] * k, abs=1e-6)


SEVERAL = [lambda w, k=k, loss=loss: loss(w, k) for loss in (multihot, multihot_strict) for k in (2, 4)]


# --- gradients ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REGULARIZER_FUNCTIONS)
def test_gradients(name: str) -> None:
    more = (2,) if name.startswith("multihot") else ()
    weights = [vector(0.2, 0.5, 0.3), vector(0.7, 0.1, 0.15, 0.05), vector(0.4, 0.6), vector(0.3, 0.3, 0.4)]
    for p in weights:
        p.requires_grad_()
    assert gradcheck(lambda *w: REGULARIZER_FUNCTIONS[name](w, *more), weights)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scale", [0.0, 1.0, 100.0, 1e4])
def test_values_and_gradients_are_finite_at_0_at_1_and_at_saturated_logits(
    dtype: torch.dtype, scale: float
) -> None:
    for signs in ([1, 1, -1, -1], [1, -1, -1, -1], [-1, -1, -1, -1], [1, 1, 1, 1], [0, 1, -1, 0]):
        logits = (scale * torch.tensor(signs, dtype=dtype)).requires_grad_()
        for weights in ([torch.sigmoid(logits)], [torch.softmax(logits, 0)]):
            for loss in (zero_one, entropy, gini, *SEVERAL):
                value = loss(weights)
                (gradient,) = torch.autograd.grad(value, [logits], retain_graph=True)
                assert value.isfinite()
                assert gradient.isfinite().all()


@given(st.lists(st.sampled_from((0.0, 1e-30, 0.5, 1.0)), min_size=4, max_size=6))
def test_values_and_gradients_are_finite_by_weights_of_exactly_0_and_1(values: list[float]) -> None:
    p = vector(*values).requires_grad_()
    for loss in (zero_one, entropy, gini, *SEVERAL):
        value = loss([p])
        (gradient,) = torch.autograd.grad(value, [p])
        assert value.isfinite() and gradient.isfinite().all()


def test_nothing_to_regularize_is_no_loss() -> None:
    for loss in (zero_one, entropy, gini, *SEVERAL):
        assert float(loss([])) == 0


# --- the gap -----------------------------------------------------------------------------------------------


def cell(
    nodes: int, candidates: int, mix_alpha: str, mix_gamma: str
) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, list[str]]]:
    """A cell of two inputs at the start: every logit 0."""
    mixes = {"softmax": lambda n: torch.full((n,), 1 / n), "sigmoid": lambda n: torch.full((n,), 0.5)}
    alpha, gamma, edges = {}, {}, {}
    for node in range(nodes):
        edges[f"n{node}"] = [f"{source}->{node}" for source in range(2 + node)]
        gamma[f"n{node}"] = mixes[mix_gamma](2 + node)
        alpha |= {edge: mixes[mix_alpha](candidates) for edge in edges[f"n{node}"]}
    return alpha, gamma, edges


def gap_at(
    alpha: dict[str, Tensor], gamma: dict[str, Tensor], edges: dict[str, list[str]], keep: int = 2
) -> float:
    kept = {id: strongest(weights.tolist(), keep) for id, weights in gamma.items()}
    return float(gap(alpha, gamma, kept, edges))


@pytest.mark.parametrize(
    ("nodes", "mix_alpha", "mix_gamma", "expected"),
    [
        (3, "softmax", "softmax", 0.336),  # DARTS
        (4, "softmax", "softmax", 0.330),
        (3, "softmax", "sigmoid", 0.330),  # ForceDARTS
        (4, "softmax", "sigmoid", 0.330),
        (6, "softmax", "sigmoid", 0.330),
        (3, "sigmoid", "sigmoid", 0.5),  # FairDARTS
        (4, "sigmoid", "sigmoid", 0.5),
    ],
)
def test_the_gap_at_the_start_has_its_closed_form(
    nodes: int, mix_alpha: str, mix_gamma: str, expected: float
) -> None:
    assert gap_at(*cell(nodes, 7, mix_alpha, mix_gamma)) == pytest.approx(expected, abs=5e-4)


def test_the_closed_form_of_darts_exactly() -> None:
    """Per kept edge 2 (K - 1) / K^2; per node of n edges, 2 kept, (2 (1 - 1/n) + (n - 2) / n) / n."""
    for nodes in range(1, 6):
        of_edge = 2 * 6 / 49
        of_node = [(2 * (1 - 1 / n) + (n - 2) / n) / n for n in range(2, 2 + nodes)]
        expected = (2 * nodes * of_edge + sum(of_node)) / (3 * nodes)
        assert gap_at(*cell(nodes, 7, "softmax", "softmax")) == pytest.approx(expected, abs=1e-6)


@given(st.integers(1, 4), st.integers(2, 5), st.data())
def test_the_gap_lies_between_0_and_1(nodes: int, candidates: int, data: st.DataObject) -> None:
    alpha, gamma, edges = cell(nodes, candidates, "softmax", "sigmoid")
    unit = st.floats(0, 1, width=32)
    for weights in (alpha, gamma):
        for id, p in weights.items():
            weights[id] = torch.tensor(data.draw(st.lists(unit, min_size=len(p), max_size=len(p))))
    assert 0 <= gap_at(alpha, gamma, edges) <= 1


@given(st.integers(1, 4), st.integers(2, 5), st.data())
def test_the_gap_is_0_exactly_for_a_one_hot_supernet(
    nodes: int, candidates: int, data: st.DataObject
) -> None:
    alpha, gamma, edges = cell(nodes, candidates, "softmax", "sigmoid")
    for id, p in gamma.items():
        hot = data.draw(st.permutations(range(len(p))))[:2]
        gamma[id] = torch.tensor([float(i in hot) for i in range(len(p))])
    for id in alpha:
        alpha[id] = torch.eye(candidates)[data.draw(st.integers(0, candidates - 1))]
    assert gap_at(alpha, gamma, edges) == 0
    some = data.draw(st.sampled_from(sorted(gamma)))
    gamma[some] = gamma[some] * 0.9
    assert gap_at(alpha, gamma, edges) > 0


def test_dropped_edges_do_not_count() -> None:
    alpha, gamma, edges = cell(2, 3, "softmax", "sigmoid")
    gamma["n1"] = torch.tensor([1.0, 0.0, 1.0])
    before = gap_at(alpha, gamma, edges)
    alpha[edges["n1"][1]] = torch.tensor([1.0, 0.0, 0.0])
    assert gap_at(alpha, gamma, edges) == before


def test_choices_that_are_no_edges_count_as_kept() -> None:
    uniform = {"network/mb_1": torch.full((4,), 0.25)}
    assert float(gap(uniform, {}, {}, {})) == pytest.approx(2 * 3 / 16)
    assert float(gap({}, {}, {}, {})) == 0
