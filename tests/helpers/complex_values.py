"""Complex layers beside torch's complex numbers: what both come to, in values and in gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import tensor
from dslnas.lower.modules.builders import module_of

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def pairs(z: Tensor) -> Tensor:
    """(N, C, ...) complex -> (N, 2C, ...), as layers take it."""
    return torch.view_as_real(z).movedim(-1, 2).flatten(1, 2)


def numbers(x: Tensor) -> Tensor:
    """The inverse of `pairs`."""
    return torch.view_as_complex(x.unflatten(1, (-1, 2)).movedim(2, -1).contiguous())


def image(*size: int, dtype: torch.dtype = torch.complex128, seed: int = 0) -> Tensor:
    return torch.randn(size, dtype=dtype, generator=torch.Generator().manual_seed(seed)) + (0.2 - 0.1j)


def layer(name: str, x: Tensor, **attributes: Any) -> nn.Module:
    """A primitive for a complex tensor (N, C, ...), in its precision."""
    input = tensor("complex", *x.shape[1:])
    output = REGISTRY[name].type_rule((input,), attributes, "complex")
    return module_of(REGISTRY[name], (input,), output, attributes).to(x.real.dtype)


def assert_same(ours: nn.Module, theirs: Callable[[Tensor], Tensor], x: Tensor) -> None:
    """Equal values and equal gradients of what is read, for both layouts of memory."""
    tolerance = TOLERANCE[x.real.dtype]
    z = x.clone().requires_grad_()
    expected = theirs(z)
    towards = image(*expected.shape, dtype=x.dtype, seed=9)
    (wanted,) = torch.autograd.grad(expected, z, towards)
    scale = max(1.0, float(wanted.abs().max()))  # a sum of large terms is as exact as they are
    for layout in (
        (torch.channels_last, torch.contiguous_format) if x.dim() == 4 else (torch.contiguous_format,)
    ):
        source = pairs(x).contiguous(memory_format=layout).requires_grad_()
        out = ours(source)
        (found,) = torch.autograd.grad(out, source, pairs(towards))
        torch.testing.assert_close(numbers(out), expected, rtol=tolerance, atol=tolerance)
        torch.testing.assert_close(numbers(found), wanted, rtol=tolerance, atol=tolerance * scale)
