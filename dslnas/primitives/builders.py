"""Builders of the primitives: from types and attributes to torch modules. Imported when a network is made."""

from __future__ import annotations

from functools import reduce
from operator import add as plus
from operator import mul as times

import torch
from torch import Tensor, nn

from ..tensortype import TensorType
from . import modules
from .recurrent import features_of
from .registry import Attributes
from .window import kernel_of, stride_of

Inputs = tuple[TensorType, ...]


def conv(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    channels, out = inputs[0].shape[0], output.shape[0]
    kernel, stride, dilation = kernel_of(attributes), stride_of(attributes), attributes["dilation"]
    groups = attributes["groups"]
    if kernel == (1, 1):
        return modules.PointwiseConv2d(channels, out, stride, groups)
    padding = _padding(kernel, attributes)
    return nn.Conv2d(channels, out, kernel, stride, padding, dilation, groups, bias=False)


def dwconv(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    channels, kernel, stride = output.shape[0], kernel_of(attributes), stride_of(attributes)
    if attributes["pad"] is None:
        return modules.DepthwiseConv2d(channels, kernel, stride, attributes["dilation"])
    return nn.Conv2d(channels, channels, kernel, stride, 0, attributes["dilation"], channels, bias=False)


def _padding(kernel: tuple[int, int], attributes: Attributes) -> tuple[int, int]:
    if attributes["pad"] is not None:
        return (0, 0)
    dilation = attributes["dilation"]
    return (dilation * (kernel[0] // 2), dilation * (kernel[1] // 2))


def maxpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.MaxPool(kernel_of(attributes), stride_of(attributes))


def avgpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.AvgPool(kernel_of(attributes), stride_of(attributes))


def zero(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.Zero(stride_of(attributes))


def shift(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.Shift()


def bn(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.BatchNorm2d(output.shape[0], affine=attributes["affine"])


def inorm(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.InstanceNorm2d(output.shape[0], affine=attributes["affine"])


def relu(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.ReLU()


def relu6(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.ReLU6()


class SplitTanh(nn.Module):
    """The hyperbolic tangent of the real and of the imaginary part."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.complex(x.real.tanh(), x.imag.tanh())


def tanh(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return SplitTanh() if inputs[0].domain == "complex" else nn.Tanh()


class Magnitude(nn.Module):
    """The modulus, with gradient 0 where it is 0."""

    def forward(self, x: Tensor) -> Tensor:
        return x.abs()


class RealImag(nn.Module):
    """(N, C, ...) complex -> (N, 2C, ...): the real parts of all channels, then the imaginary ones."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((x.real, x.imag), dim=1)


def magnitude(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Magnitude()


def real_imag(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return RealImag()


class Add(nn.Module):
    """The sum of its inputs."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(plus, inputs)


class Multiply(nn.Module):
    """The product of its inputs, element by element."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return reduce(times, inputs)


class Concat(nn.Module):
    """Channels side by side."""

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, dim=1)


class Slice(nn.Module):
    """The channels from `first` to `last`, without the last, in a memory of their own."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.first, self.last = first, last

    def forward(self, x: Tensor) -> Tensor:
        part = x[:, self.first : self.last]
        return part.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else part


class GlobalPool(nn.Module):
    """(N, C, F, T) -> (N, C): the mean over frequency and time."""

    def forward(self, x_NCFT: Tensor) -> Tensor:
        return x_NCFT.mean(dim=(2, 3))


def add(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Add()


def multiply(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Multiply()


def concat(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Concat()


def slice(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Slice(attributes["first"], attributes["first"] + output.shape[0])


def shuffle(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.ChannelShuffle(attributes["groups"])


def global_pool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return GlobalPool()


def linear(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.Linear(inputs[0].shape[0], output.shape[0])


class GRU(nn.GRU):
    """(N, C, F, T) or (N, C, T) -> (N, hidden, T): gated recurrent units over time."""

    def __init__(self, features: int, hidden: int, layers: int) -> None:
        super().__init__(features, hidden, layers, batch_first=True)

    def forward(self, x_NCFT: Tensor) -> Tensor:  # type: ignore[override]
        steps_NTH, _ = super().forward(x_NCFT.flatten(1, -2).transpose(1, 2))
        return steps_NTH.transpose(1, 2)


def gru(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return GRU(features_of(inputs[0]), output.shape[0], attributes["layers"])


class Last(nn.Module):
    """(N, C, T) -> (N, C): the last step."""

    def forward(self, x_NCT: Tensor) -> Tensor:
        return x_NCT[:, :, -1]


def last(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Last()
