"""The torch modules of windows of even size, whose padding differs by one on both sides of an axis.

Torch's convolutions and pools pad both sides alike: these pad their input first, along (frequency, time), by
`pads = ((before, after), (before, after))`.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .complex_kernels import max_modulus
from .complex_modules import ComplexConv2d
from .kernels import Pair

Pads = tuple[Pair, Pair]


def padded(x: Tensor, pads: Pads, value: float = 0.0) -> Tensor:
    """(N, C, H, W) with so many values before and after."""
    rows, columns = pads
    return F.pad(x, (*columns, *rows), value=value)


class EvenConv2d(nn.Conv2d):
    """`nn.Conv2d` of a padded input: (N, in, H, W) -> (N, out, ceil(H / stride), ceil(W / stride))."""

    def __init__(self, pads: Pads, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.pads = pads

    def forward(self, x: Tensor) -> Tensor:
        """(N, in, H, W) -> (N, out, ceil(H / stride), ceil(W / stride))."""
        return super().forward(padded(x, self.pads))


class ComplexEvenConv2d(ComplexConv2d):
    """`ComplexConv2d` of a padded input."""

    def __init__(self, pads: Pads, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pads = pads

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2 * in, H, W) -> (N, 2 * out, ceil(H / stride), ceil(W / stride))."""
        return super().forward(padded(x, self.pads))


class EvenMaxPool(nn.Module):
    """The largest value of each window, of complex ones that of the largest modulus."""

    def __init__(self, kernel: Pair, stride: Pair, pads: Pads, is_complex: bool) -> None:
        super().__init__()
        self.kernel, self.stride, self.pads, self.is_complex = kernel, stride, pads, is_complex

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / stride), ceil(W / stride))."""
        if not self.is_complex:
            return F.max_pool2d(padded(x, self.pads, -torch.inf), self.kernel, self.stride)
        return max_modulus(padded(x, self.pads), self.kernel, self.stride, (0, 0))


class EvenAvgPool(nn.Module):
    """The mean over the pixels of a window that lie inside the image."""

    def __init__(self, kernel: Pair, stride: Pair, pads: Pads) -> None:
        super().__init__()
        self.kernel, self.stride, self.pads = kernel, stride, pads

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / stride), ceil(W / stride))."""
        inside = padded(torch.ones_like(x[:1, :1]), self.pads)
        share = F.avg_pool2d(inside, self.kernel, self.stride)
        return F.avg_pool2d(padded(x, self.pads), self.kernel, self.stride) / share
