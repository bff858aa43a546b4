"""Layers of complex networks in forms that runtimes of ONNX compute fast, for models that only run.

A complex channel is a pair of real ones, its parts. onnxruntime has fast code for convolutions of single
channels, but none for those in groups of two, nor for a maximum that says where it lies, nor for a choice.
The values are the same, those of convolutions up to rounding.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..complex_parts import ComplexMaxPool2d, paired, split

FEW = 8  # the channels that runtimes compute at once


def by_channels(network: nn.Module) -> nn.Module:
    """A network in evaluation that computes the same, its pairs of channels channel by channel.

    network: as `folded` returns it; classes of an exported file are known by their names. It is left alone.
    """
    whole = deepcopy(network)
    for name, module in list(whole.named_modules(remove_duplicate=False)):
        if isinstance(module, nn.Conv2d) and _is_paired(module):
            whole.set_submodule(name, PairedConv2d(module))
        elif type(module).__name__ == ComplexMaxPool2d.__name__ and _both(module.kernel_size) != (1, 1):
            whole.set_submodule(name, PairedMaxPool2d(module))
    return whole.eval()


def _is_paired(layer: nn.Conv2d) -> bool:
    """Whether a convolution of pairs is slow: single pixels are not, and few channels gain nothing."""
    channels = layer.out_channels
    in_pairs = 2 * layer.groups == layer.in_channels == channels
    return in_pairs and channels >= FEW and layer.kernel_size != (1, 1)


class PairedConv2d(nn.Module):
    """A convolution in groups of two channels as two depthwise ones: of each channel, and of its neighbour.

    layer: with as many channels out as in.
    """

    neighbours: Tensor

    @torch.no_grad()
    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        channels = torch.arange(layer.out_channels)
        self.register_buffer("neighbours", channels ^ 1)
        self.own = _depthwise(layer, layer.weight[channels, channels % 2], layer.bias)
        self.other = _depthwise(layer, layer.weight[channels, 1 - channels % 2], None)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H', W')."""
        own: Tensor = self.own(x)
        other: Tensor = self.other(x.index_select(1, self.neighbours))
        return own + other


def _depthwise(layer: nn.Conv2d, weight: Tensor, bias: Tensor | None) -> nn.Conv2d:
    """The windows of a layer with one kernel a channel, (channels, height, width)."""
    found = nn.Conv2d(
        len(weight),
        len(weight),
        layer.kernel_size,  # type: ignore[arg-type]  # pairs, of two axes
        layer.stride,  # type: ignore[arg-type]
        layer.padding,  # type: ignore[arg-type]
        layer.dilation,  # type: ignore[arg-type]
        groups=len(weight),
        bias=bias is not None,
    )
    found.weight.copy_(weight[:, None])
    if found.bias is not None and bias is not None:
        found.bias.copy_(bias)
    return found


class PairedMaxPool2d(nn.Module):
    """The complex value of the largest modulus of each window; of equal ones the first, row by row.

    Comparisons find the largest of each row of a window, then that of its rows, and the number of its pixel,
    which a float holds below 2^24. Where there is no value but NaN, it is any.

    pool: a `ComplexMaxPool2d`, whose windows are larger than a pixel.
    """

    def __init__(self, pool: Any) -> None:
        super().__init__()
        self.kernel, self.stride, self.padding = map(_both, (pool.kernel_size, pool.stride, pool.padding))
        self.ceil = bool(pool.ceil_mode)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 2C, H, W) -> (N, 2C, H', W')."""
        real, imaginary = split(x)
        height, width = x.shape[2:]
        top, bottom, rows = self._margins(height, 0)
        left, right, columns = self._margins(width, 1)
        power = F.pad(real * real + imaginary * imaginary, (left, right, top, bottom), value=-1.0)
        column = torch.arange(-left, width + right, dtype=x.dtype).view(1, 1, 1, -1)
        row = torch.arange(-top, height + bottom, dtype=x.dtype).view(-1, 1)
        power, pixel = self._largest(power, column, 1, columns)
        power, pixel = self._largest(power, pixel + width * row, 0, rows)
        flat = pixel.long().flatten(2)
        parts = (part.flatten(2).gather(2, flat).view_as(power) for part in (real, imaginary))
        return paired(*parts)

    def _margins(self, size: int, axis: int) -> tuple[int, int, int]:
        """What is put before and behind an axis of so many pixels, and how many windows it has."""
        kernel, stride, padding = self.kernel[axis], self.stride[axis], self.padding[axis]
        reach = size + 2 * padding - kernel + (stride - 1 if self.ceil else 0)
        windows = reach // stride + 1
        if self.ceil and (windows - 1) * stride >= size + padding:
            windows -= 1  # windows begin before the last pixel
        return padding, max(0, (windows - 1) * stride + kernel - size - padding), windows

    def _largest(self, power: Tensor, pixel: Tensor, axis: int, windows: int) -> tuple[Tensor, Tensor]:
        """The largest power of each window along one axis, and its pixel.

        Pixels are counted on, so that the number of a larger one is larger too: their maximum takes the place
        of a choice, which is slow.
        """
        stride = self.stride[axis]

        def each(x: Tensor, number: int) -> Tensor:
            chosen = slice(number, number + (windows - 1) * stride + 1, stride)
            return x[..., chosen, :] if axis == 0 else x[..., chosen]

        most, where = each(power, 0), each(pixel, 0)
        for number in range(1, self.kernel[axis]):
            other = each(power, number)
            where = torch.maximum(where, (other > most).to(where.dtype) * each(pixel, number))
            most = torch.maximum(most, other)
        return most, where


def _both(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size
