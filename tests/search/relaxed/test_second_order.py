"""The gradient of second order: against the exact one, and what it leaves as it was."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from small import batch, program_of, small
from torch import Tensor, nn
from torch.func import functional_call

from dslnas.lower.modules.kernel_modes import kernels_of_torch
from dslnas.search.relaxed import second_order
from dslnas.search.relaxed.second_order import descent, restored, unrolled_gradients
from dslnas.search.relaxed.step import RelaxedSearch

SECOND = "darts(order: 2)"


def searching(method: str, *overrides: str, space: str = "ss1") -> RelaxedSearch:
    experiment = small(space, method, *overrides)
    return RelaxedSearch(program_of(experiment), experiment.method, 0, None, torch.device("cpu"))


def batches(step: int = 0, **more: torch.dtype) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    experiment = small("ss1", "darts")
    return batch(experiment, 4, step, **more), batch(experiment, 4, 100 + step, **more)


def gradients_of(search: RelaxedSearch, held: tuple[Tensor, Tensor], train: tuple[Tensor, Tensor]) -> Tensor:
    """The gradients by which a step moves the architecture, in one vector."""
    seen: list[Tensor] = []
    hook = search.arch_optimizer.register_step_pre_hook(
        lambda *_: seen.extend(p.grad.flatten() for p in search.arch_parameters if p.grad is not None)
    )
    search._architecture_step(held, train, 0.0)
    hook.remove()
    return torch.cat(seen)


def same(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


# --- against the exact gradient ----------------------------------------------------------------------------


class Mixture(nn.Module):
    """Three layers mixed by the softmax of alpha, between two more; differentiable as often as one likes."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.randn(3, dtype=torch.float64))
        self.layers = nn.ModuleList(nn.Linear(6, 6, dtype=torch.float64) for _ in range(5))

    def forward(self, x: Tensor) -> Tensor:
        first, *options, last = self.layers
        h = torch.tanh(first(x))
        mixed = torch.stack([torch.tanh(option(h)) for option in options])
        result: Tensor = last(torch.einsum("o,onf->nf", torch.softmax(self.alpha, 0), mixed))
        return result


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 2.0), st.floats(0, 0.1), st.booleans())
def test_it_agrees_with_the_exact_gradient(seed: int, xi: float, decay: float, has_moved: bool) -> None:
    """To one percent of what second order adds to first order, which differ."""
    torch.manual_seed(seed)
    model = Mixture()
    weights = [p for name, p in model.named_parameters() if name != "alpha"]
    (x, xs), (y, ys) = torch.randn(2, 8, 6, dtype=torch.float64), torch.randint(0, 6, (2, 8))
    optimizer = torch.optim.SGD(weights, lr=0.1, momentum=0.9, weight_decay=decay)
    if has_moved:
        F.cross_entropy(model(x), ys).backward()
        optimizer.step()
        optimizer.zero_grad()
    (found,), said = unrolled_gradients(
        inner=lambda: F.cross_entropy(model(x), y),
        outer=lambda: (F.cross_entropy(model(xs), ys), "said"),
        arch=[model.alpha],
        weights=weights,
        xi=xi,
        direction=lambda gradients: descent(optimizer, weights, gradients),
    )
    gathered = [optimizer.state[w].get("momentum_buffer") for w in weights]
    carried = [torch.zeros_like(w) if m is None else m for w, m in zip(weights, gathered, strict=True)]
    slopes = torch.autograd.grad(F.cross_entropy(model(x), y), weights, create_graph=True)
    ahead = {
        name: w - xi * (slope + decay * w + 0.9 * m)
        for (name, w), slope, m in zip(
            [item for item in model.named_parameters() if item[0] != "alpha"], slopes, carried, strict=True
        )
    }
    fixed = {name: value.detach() for name, value in ahead.items()}
    exact, first = (
        torch.autograd.grad(F.cross_entropy(functional_call(model, at, xs), ys), model.alpha)[0]
        for at in (ahead, fixed)
    )
    assert said == "said"
    added = (exact - first).norm()
    assert added > 0
    assert (found - exact).norm() < 0.01 * added


@kernels_of_torch()
def test_it_agrees_with_the_exact_gradient_on_a_supernet(monkeypatch: pytest.MonkeyPatch) -> None:
    """By torch's own operators, which can be differentiated twice, in double precision.

    The difference is taken close by: farther away some rectified units and maxima switch.
    """

    monkeypatch.setattr(second_order, "REACH", 1e-5)
    experiment = small("ss1", SECOND, nodes=1)
    search = RelaxedSearch(program_of(experiment), experiment.method, 0, None, torch.device("cpu"), passes=())
    search.supernet.double().train()
    (x, labels), (x_train, labels_train) = held, train = batches(dtype=torch.float64)
    search._weight_step(*batches(1, dtype=torch.float64)[1])  # the momentum of a first step

    named = {name: p for name, p in search.supernet.named_parameters() if name.startswith("network.")}
    slopes = torch.autograd.grad(
        F.cross_entropy(search.supernet(x_train), labels_train), list(named.values()), create_graph=True
    )
    ahead = {
        name: w - 0.025 * (slope + 3e-4 * w + 0.9 * search.weight_optimizer.state[w]["momentum_buffer"])
        for (name, w), slope in zip(named.items(), slopes, strict=True)
    }
    loss = F.cross_entropy(functional_call(search.supernet, ahead, (x,)), labels)
    exact = torch.cat([g.flatten() for g in torch.autograd.grad(loss, search.arch_parameters)])

    found = gradients_of(search, held, train)
    assert (found - exact).norm() < 0.01 * exact.norm()
    first = RelaxedSearch(
        program_of(experiment), small("ss1", "darts").method, 0, None, torch.device("cpu"), passes=()
    )
    first.supernet.double().load_state_dict(search.supernet.state_dict())
    assert (gradients_of(first, held, train) - exact).norm() > 0.05 * exact.norm()


def test_nothing_is_added_where_the_validation_loss_asks_nothing_of_the_weights() -> None:
    alpha, w = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (2.0, 3.0))
    (gradient,), _ = unrolled_gradients(
        lambda: alpha * w, lambda: (alpha**2, None), [alpha], [w], 0.5, lambda gradients: gradients
    )
    assert float(gradient) == 4.0


def test_a_step_ahead_may_be_as_long_as_a_rate_that_lies_on_the_device() -> None:
    """(alpha w - 1)^2 ahead on alpha w^2: the same gradient by a number and by a scalar tensor."""
    found = []
    for xi in (0.3, torch.tensor(0.3, dtype=torch.float64)):
        alpha, w = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (2.0, 3.0))
        (gradient,), _ = unrolled_gradients(
            lambda a=alpha, w=w: a * w**2,  # type: ignore[misc]
            lambda a=alpha, w=w: ((a * w - 1) ** 2, None),  # type: ignore[misc]
            [alpha],
            [w],
            xi,
            lambda gradients: gradients,
        )
        found.append(float(gradient))
        assert float(w.detach()) == 3.0
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    ahead = 3.0 - 0.3 * 2 * 2.0 * 3.0
    exact = 2 * (2.0 * ahead - 1) * (ahead - 0.3 * 2.0 * 2 * 3.0)
    assert found[0] == pytest.approx(exact, rel=1e-4)


def test_a_search_steps_ahead_as_far_as_its_weights_do_when_their_rate_falls() -> None:
    falling = searching(SECOND, "method.weights.schedule=cosine(1e-3)")
    still = searching(SECOND, "method.unroll=0.004")
    falling.use_weight_rate(0.004)
    held, train = batches()
    one, other = (gradients_of(search, held, train) for search in (falling, still))
    torch.testing.assert_close(one, other, rtol=0, atol=0)


# --- what it leaves as it was ------------------------------------------------------------------------------


def test_a_search_that_steps_ahead_by_nothing_is_of_first_order_to_the_last_bit() -> None:
    first, zero, second = searching("darts"), searching(SECOND, "method.unroll=0"), searching(SECOND)
    for step in range(2):
        figures = [search.step(*batches(step), 0.0) for search in (first, zero, second)]
        assert same(figures[0], figures[1])
    assert same(first.supernet.state_dict(), zero.supernet.state_dict())
    differ = [
        float((one - other).detach().abs().max())
        for one, other in zip(first.arch_parameters, second.arch_parameters, strict=True)
    ]
    assert max(differ) > 1e-6


def test_the_weights_come_back_and_the_statistics_see_the_held_batch_alone() -> None:
    search = searching(SECOND, "method.unroll=0.1", space="sspolasym4")
    held, train = batches()
    search.supernet.train()
    before = deepcopy(dict(search.supernet.network.named_parameters()))
    search._architecture_step(held, train, 0.0)
    assert same(before, dict(search.supernet.network.named_parameters()))
    assert all(p.grad is None for p in search.supernet.parameters())
    # the held batch, by weights that took the step ahead
    found = searching(SECOND, space="sspolasym4")
    found.supernet.train()
    with restored(list(found.supernet.network.buffers())):
        slopes = torch.autograd.grad(found._training_loss(*train), found.weight_parameters)
    with torch.no_grad():
        moved = descent(found.weight_optimizer, found.weight_parameters, slopes)
        torch._foreach_add_(found.weight_parameters, moved, alpha=-0.1)
    found._validation_loss(*held, 0.0)
    expected, now = (dict(s.supernet.network.named_buffers()) for s in (found, search))
    assert expected and same(expected, now)


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=5), st.booleans())
def test_what_is_restored_has_its_bits_again(values: list[float], fails: bool) -> None:
    tensors = [torch.tensor(values, requires_grad=True), torch.tensor(3)]
    before = [tensor.detach().clone() for tensor in tensors]
    try:
        with restored(tensors), torch.no_grad():
            for tensor in tensors:
                tensor.add_(1)
            if fails:
                raise InterruptedError
    except InterruptedError:
        assert fails
    for tensor, value in zip(tensors, before, strict=True):
        assert tensor.detach().numpy().tobytes() == value.numpy().tobytes()


# --- the step ahead ----------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(st.sampled_from((0.0, 0.5, 0.9)), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2))
def test_the_step_ahead_of_sgd_is_its_own_step(momentum: float, one: float, other: float, steps: int) -> None:
    weights = [nn.Parameter(torch.randn(size, dtype=torch.float64)) for size in (3, 4, 2)]
    groups = [
        {"params": [weights[2], weights[0]], "weight_decay": one},
        {"params": [weights[1]], "weight_decay": other},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=momentum)
    for _ in range(steps + 1):
        for weight in weights:
            weight.grad = torch.randn_like(weight)
        found = descent(optimizer, weights, [weight.grad for weight in weights if weight.grad is not None])
        expected = [w.detach() - 0.1 * d for w, d in zip(weights, found, strict=True)]
        optimizer.step()
    for weight, value in zip(weights, expected, strict=True):
        torch.testing.assert_close(weight.detach(), value)


def test_the_step_ahead_of_adam_is_that_of_the_gradient_and_the_decay() -> None:
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([weight], lr=0.1, weight_decay=0.5)
    weight.grad = torch.ones(2)
    optimizer.step()
    (found,) = descent(optimizer, [weight], [torch.full((2,), 3.0)])
    torch.testing.assert_close(found, 3.0 + 0.5 * weight.detach())
