"""Layers beside torch's own: what both come to, in values and in gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}


def image(size: tuple[int, ...], dtype: torch.dtype = torch.float32, channels_last: bool = True) -> Tensor:
    x = torch.randn(size, dtype=dtype) * 1.5 + 0.3
    return x.contiguous(memory_format=torch.channels_last) if channels_last else x


def assert_same(ours: nn.Module, theirs: nn.Module, x: Tensor, reads: Tensor | None = None) -> None:
    """Equal outputs, and equal gradients of the input and of every parameter, relative to their scale.

    reads: `x` in another layout, for `theirs`.
    """
    tolerance = TOLERANCE[x.dtype]
    theirs.load_state_dict(ours.state_dict())
    results = []
    for module, read in ((ours, x), (theirs, x if reads is None else reads)):
        source = read.clone(memory_format=torch.preserve_format).requires_grad_()
        out = module(source)
        weights = torch.arange(out.numel(), dtype=x.dtype).sin().view(out.shape)
        gradients = torch.autograd.grad((out * weights).sum(), [source, *module.parameters()])
        results.append([out.detach(), *gradients])
    for mine, native in zip(*results, strict=True):
        scale = max(1.0, float(native.abs().max()))
        torch.testing.assert_close(mine / scale, native / scale, atol=tolerance, rtol=0)
