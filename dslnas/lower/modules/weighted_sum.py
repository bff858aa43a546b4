"""Weighted sums of tensors, which mix the candidates of an edge and the edges of a node.

One pass over each tensor forward, and one over each for the gradients that the running backward pass needs;
differentiable once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .kernel_modes import by_torch
from .kernels import wanted


def _flat(x: Tensor) -> Tensor | None:
    """The values in the order of memory, without a copy; None where memory has gaps."""
    if x.is_contiguous():
        return x.view(-1)
    if x.dim() == 4 and x.is_contiguous(memory_format=torch.channels_last):
        return x.permute(0, 2, 3, 1).reshape(-1)
    return None


def dot(a: Tensor, b: Tensor) -> Tensor:
    """sum(a * b), in one pass where both lie alike in memory; half precision is summed in float32."""
    if a.dtype in (torch.float32, torch.float64) and a.dtype == b.dtype and a.stride() == b.stride():
        flat_a, flat_b = _flat(a), _flat(b)
        if flat_a is not None and flat_b is not None:
            return torch.dot(flat_a, flat_b)
    return (a * b).sum(dtype=torch.promote_types(a.dtype, torch.float32))


class _WeightedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weights: Tensor, *tensors: Tensor) -> Tensor:
        ctx.save_for_backward(weights, *(tensors if ctx.needs_input_grad[0] else ()))
        ctx.dtypes = [tensor.dtype for tensor in tensors]
        dtype = tensors[0].dtype
        for tensor in tensors[1:]:
            dtype = torch.promote_types(dtype, tensor.dtype)
        factors = weights.to(dtype).unbind()
        out = tensors[0].to(dtype) * factors[0]
        for tensor, factor in zip(tensors[1:], factors[1:], strict=True):
            out.addcmul_(tensor.to(dtype), factor)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        weights, *tensors = ctx.saved_tensors
        grad_weights = None
        if wanted(ctx, 0):
            grad_weights = torch.stack([dot(g, tensor) for tensor in tensors]).to(weights.dtype)
        factors = weights.to(g.dtype).unbind()
        grads = [
            (g * factor).to(dtype) if wanted(ctx, position) else None
            for position, (factor, dtype) in enumerate(zip(factors, ctx.dtypes, strict=True), start=1)
        ]
        return grad_weights, *grads


def weighted_sum(tensors: Sequence[Tensor], weights: Tensor) -> Tensor:
    """sum_i weights[i] * tensors[i]; `tensors` of one shape, `weights` (len(tensors),) on their device.

    One pass over each tensor and no synchronisation with the host; tensors of several precisions are
    summed in the widest.
    """
    assert weights.shape == (len(tensors),), "one weight for each tensor"
    if by_torch():
        return reduce(
            torch.add, [tensor * weight for tensor, weight in zip(tensors, weights.unbind(), strict=True)]
        )
    return cast(Tensor, _WeightedSum.apply(weights, *tensors))
