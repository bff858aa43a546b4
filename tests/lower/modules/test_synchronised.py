"""Batch norms whose statistics are summed over processes compute what a norm of the whole batch does."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from dslnas.lower.modules import synchronised
from dslnas.lower.modules.complex_modules import ComplexBatchNorm2d
from dslnas.lower.modules.kernel_modes import statistics_together
from dslnas.lower.modules.modules import BatchNorm2d


def norm_of(kind: type[nn.Module], affine: bool) -> nn.Module:
    norm = kind(4, affine)
    for parameter in norm.parameters():
        nn.init.uniform_(parameter, 0.5, 1.5)
    return norm.double()


every_norm = pytest.mark.parametrize("affine", [False, True])
every_kind = pytest.mark.parametrize("kind", [BatchNorm2d, ComplexBatchNorm2d])


@every_kind
@every_norm
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_one_process_computes_the_same(
    kind: type[nn.Module], affine: bool, layout: torch.memory_format
) -> None:
    plain = norm_of(kind, affine)
    together = deepcopy(plain)
    x = (3 + torch.randn(5, 8 if kind is ComplexBatchNorm2d else 4, 6, 7).double()).to(memory_format=layout)
    weights = torch.randn_like(x)
    found: list[list[Tensor]] = []
    for norm in (plain, together):
        read = x.clone().requires_grad_()
        if norm is together:
            with statistics_together():
                out = norm(read)
        else:
            out = norm(read)
        (out * weights).sum().backward()
        gradients = [one.grad for one in norm.parameters() if one.grad is not None]
        assert read.grad is not None and len(gradients) == len(list(norm.parameters()))
        counted = [value for name, value in norm.named_buffers() if "tracked" not in name]
        found.append([out, read.grad, *gradients, *counted])
    for expected, other in zip(*found, strict=True):
        torch.testing.assert_close(other, expected)


@every_kind
def test_a_constant_channel_has_finite_gradients(kind: type[nn.Module]) -> None:
    norm, x = norm_of(kind, False), torch.ones(3, 8 if kind is ComplexBatchNorm2d else 4, 2, 2).double()
    x.requires_grad_()
    with statistics_together():
        norm(x).square().sum().backward()
    assert x.grad is not None and x.grad.isfinite().all()


def test_the_sum_over_processes_is_that_of_its_gradients_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that have the same, in place of a group: each sum is twice its own."""
    monkeypatch.setattr(synchronised.dist, "is_initialized", lambda: True)
    monkeypatch.setattr(synchronised.dist, "all_reduce", lambda one: one.mul_(2))
    norm, x = norm_of(BatchNorm2d, True), torch.randn(4, 4, 3, 3).double().requires_grad_()
    plain, y = deepcopy(norm), torch.cat([x.detach()] * 2).requires_grad_()
    with statistics_together():
        norm(x).pow(3).sum().backward()
    plain(y).pow(3).sum().backward()
    assert x.grad is not None and y.grad is not None
    torch.testing.assert_close(x.grad, y.grad[:4])
    for one, other in zip(norm.buffers(), plain.buffers(), strict=True):
        torch.testing.assert_close(one, other)
