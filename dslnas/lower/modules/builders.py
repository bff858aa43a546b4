"""Builders of the primitives: from types and attributes to torch modules. Imported when a network is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add as plus
from operator import mul as times

import torch
from torch import Tensor, nn

from ...ir.primitives.recurrent import features_of
from ...ir.primitives.registry import Attributes, Primitive
from ...ir.primitives.window import kernel_of, stride_of
from ...ir.tensortype import TensorType
from . import complex_modules, modules

Inputs = tuple[TensorType, ...]
Builder = Callable[[Inputs, TensorType, Attributes], nn.Module]

BUILDERS: dict[str, Builder] = {}


def _builds(function: Builder) -> Builder:
    """Marks the builder of the primitive that has the function's name."""
    BUILDERS[function.__name__] = function
    return function


def module_of(primitive: Primitive, inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The module of a primitive for these types: that of the language, or what a user's own function makes.

    It takes the tensors of the inputs in order, each with a batch in front. Raises DslnasError N0208 where a
    user's own function fails.
    """
    make = primitive.own_module or BUILDERS[primitive.name]
    module: nn.Module = make(inputs, output, attributes)
    return module


def _is_complex(inputs: Inputs) -> bool:
    return inputs[0].domain == "complex"


@_builds
def conv(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    channels, out = inputs[0].shape[0], output.shape[0]
    kernel, stride, dilation = kernel_of(attributes), stride_of(attributes), attributes["dilation"]
    groups, padding = attributes["groups"], _padding(kernel, attributes)
    if _is_complex(inputs):
        return complex_modules.ComplexConv2d(channels, out, kernel, stride, padding, dilation, groups)
    if kernel == (1, 1):
        return modules.PointwiseConv2d(channels, out, stride, groups)
    return nn.Conv2d(channels, out, kernel, stride, padding, dilation, groups, bias=False)


@_builds
def dwconv(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    channels, kernel, stride = output.shape[0], kernel_of(attributes), stride_of(attributes)
    if _is_complex(inputs):
        padding, dilation = _padding(kernel, attributes), attributes["dilation"]
        return complex_modules.ComplexDepthwiseConv2d(channels, kernel, stride, padding, dilation)
    if attributes["pad"] is None:
        return modules.DepthwiseConv2d(channels, kernel, stride, attributes["dilation"])
    return nn.Conv2d(channels, channels, kernel, stride, 0, attributes["dilation"], channels, bias=False)


def _padding(kernel: tuple[int, int], attributes: Attributes) -> tuple[int, int]:
    if attributes["pad"] is not None:
        return (0, 0)
    dilation = attributes["dilation"]
    return (dilation * (kernel[0] // 2), dilation * (kernel[1] // 2))


@_builds
def maxpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    make = complex_modules.ComplexMaxPool if _is_complex(inputs) else modules.MaxPool
    return make(kernel_of(attributes), stride_of(attributes))


@_builds
def avgpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.AvgPool(kernel_of(attributes), stride_of(attributes))


@_builds
def zero(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.Zero(stride_of(attributes))


@_builds
def shift(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return modules.Shift()


@_builds
def bn(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    make = complex_modules.ComplexBatchNorm2d if _is_complex(inputs) else modules.BatchNorm2d
    return make(output.shape[0], affine=attributes["affine"])


@_builds
def inorm(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    make = complex_modules.ComplexInstanceNorm2d if _is_complex(inputs) else nn.InstanceNorm2d
    return make(output.shape[0], affine=attributes["affine"])


@_builds
def relu(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.ReLU()


@_builds
def relu6(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.ReLU6()


@_builds
def tanh(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.Tanh()


@_builds
def bounded(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return complex_modules.ComplexBounded() if _is_complex(inputs) else nn.Softsign()


@_builds
def scaled(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    parts = 2 if _is_complex(inputs) else 1
    return modules.Scaled(output.shape[0], attributes["start"], parts)


@_builds
def magnitude(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return complex_modules.Magnitude()


@_builds
def real_imag(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.Identity()  # the parts of a complex tensor are its channels already


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


@_builds
def add(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Add()


@_builds
def multiply(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return complex_modules.ComplexProduct() if _is_complex(inputs) else Multiply()


@_builds
def concat(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Concat()


@_builds
def slice(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    parts = 2 if _is_complex(inputs) else 1
    first = attributes["first"]
    return Slice(parts * first, parts * (first + output.shape[0]))


@_builds
def shuffle(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return nn.ChannelShuffle(attributes["groups"])


@_builds
def global_pool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return GlobalPool()


@_builds
def linear(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    make = complex_modules.ComplexLinear if _is_complex(inputs) else nn.Linear
    return make(inputs[0].shape[0], output.shape[0])


class GRU(nn.GRU):
    """(N, C, F, T) or (N, C, T) -> (N, hidden, T): gated recurrent units over time."""

    def __init__(self, features: int, hidden: int, layers: int) -> None:
        super().__init__(features, hidden, layers, batch_first=True)

    def forward(self, x_NCFT: Tensor) -> Tensor:  # type: ignore[override]
        steps_NTH, _ = super().forward(x_NCFT.flatten(1, -2).transpose(1, 2))
        return steps_NTH.transpose(1, 2)


@_builds
def gru(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return GRU(features_of(inputs[0]), output.shape[0], attributes["layers"])


class Last(nn.Module):
    """(N, C, T) -> (N, C): the last step."""

    def forward(self, x_NCT: Tensor) -> Tensor:
        return x_NCT[:, :, -1]


@_builds
def last(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    return Last()
