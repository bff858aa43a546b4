"""Weighted sums: values and gradients, and none that nobody asked for."""

from __future__ import annotations

import pytest
import torch
from real_layers import image

from dslnas.lower.modules.weighted_sum import weighted_sum


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("channels_last", [True, False])
def test_weighted_sum_equals_the_sum(channels_last: bool) -> None:
    tensors = [image((2, 3, 4, 5), torch.float64, channels_last).requires_grad_() for _ in range(3)]
    tensors.append(image((2, 3, 4, 5), torch.float64, not channels_last).requires_grad_())
    weights = torch.randn(4, dtype=torch.float64, requires_grad=True)
    expected = sum(weight * tensor for weight, tensor in zip(weights, tensors, strict=True))
    torch.testing.assert_close(weighted_sum(tensors, weights), expected)
    assert torch.autograd.gradcheck(lambda w, *t: weighted_sum(t, w), (weights, *tensors))


def test_weighted_sum_of_any_rank_and_of_several_precisions() -> None:
    weights = torch.tensor([0.5, 2.0], requires_grad=True)
    a = torch.randn(3, 7, requires_grad=True)
    b = torch.randn(3, 7).bfloat16().requires_grad_()
    out = weighted_sum([b, a], weights)
    assert out.dtype == torch.float32
    torch.testing.assert_close(out, 0.5 * b.float() + 2 * a)
    grad_a, grad_b, grad_weights = torch.autograd.grad(out.sum(), [a, b, weights])
    assert grad_b.dtype == torch.bfloat16 and bool((grad_b == 0.5).all()) and bool((grad_a == 2).all())
    torch.testing.assert_close(grad_weights, torch.stack([b.float().sum(), a.sum()]).detach())


def test_weighted_sum_forms_no_gradient_that_nobody_asked_for() -> None:
    weights, a = torch.ones(2, requires_grad=True), torch.randn(2, 3, requires_grad=True)
    (grad,) = torch.autograd.grad(weighted_sum([a, a.detach() * 2], weights).sum(), [a])
    torch.testing.assert_close(grad, torch.ones(2, 3))
    assert weighted_sum([a.detach()], weights[:1].detach()).requires_grad is False
