"""Builds the torch module of each primitive, from the types of its inputs and output and its attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add as plus
from operator import mul as times
from typing import cast

import torch
from torch import Tensor, nn

from ...ir.primitives.axes import axis_of
from ...ir.primitives.dropping import DROPPING
from ...ir.primitives.recurrent import directions, features_of
from ...ir.primitives.registry import Attributes, Primitive
from ...ir.primitives.window import is_even, kernel_of, padding_of, stride_of
from ...ir.tensortype import TensorType
from . import complex_modules, dropping, even_windows, modules, reductions, sequences
from .kernel_modes import rearranged
from .kernels import GlobalMean

Inputs = tuple[TensorType, ...]
Builder = Callable[[Inputs, TensorType, Attributes], nn.Module]

BUILDERS: dict[str, Builder] = {}


def _builds(function: Builder) -> Builder:
    """Registers the builder of the primitive that has the function's name."""
    BUILDERS[function.__name__] = function
    return function


def module_of(primitive: Primitive, inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The module of a primitive for these types, of the language or of a user's own function.

    It takes the input tensors in order, each with a batch dimension in front. Raises DslnasError N0208 where
    a user's own function fails.
    """
    make = primitive.own_module or BUILDERS[primitive.name]
    module: nn.Module = make(inputs, output, attributes)
    return modules.with_safe_strides(module)


def _is_complex(inputs: Inputs) -> bool:
    return inputs[0].domain == "complex"


@_builds
def conv(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Convolution without bias, real or complex; a real 1x1 one has a module of its own."""
    channels, out, groups = inputs[0].shape[0], output.shape[0], attributes["groups"]
    if not _is_complex(inputs) and kernel_of(attributes) == (1, 1) and _padding(attributes) == (0, 0):
        return modules.PointwiseConv2d(channels, out, stride_of(attributes), groups)
    return _convolution(inputs, channels, out, groups, attributes)


def _convolution(
    inputs: Inputs, channels: int, out: int, groups: int, attributes: Attributes
) -> nn.Conv2d | complex_modules.ComplexConv2d:
    """A convolution; one that pads both sides differently pads its input first."""
    window = (kernel_of(attributes), stride_of(attributes), _padding(attributes), attributes["dilation"])
    if is_even(attributes):
        pads = padding_of(attributes)
        if _is_complex(inputs):
            return even_windows.ComplexEvenConv2d(pads, channels, out, *window, groups)
        return even_windows.EvenConv2d(pads, channels, out, *window, groups, bias=False)
    if _is_complex(inputs):
        return complex_modules.ComplexConv2d(channels, out, *window, groups)
    return nn.Conv2d(channels, out, *window, groups, bias=False)


@_builds
def dwconv(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Depthwise convolution without bias: one filter for each channel."""
    channels, kernel, stride = output.shape[0], kernel_of(attributes), stride_of(attributes)
    if is_even(attributes):
        return _convolution(inputs, channels, channels, channels, attributes)
    if _is_complex(inputs):
        padding, dilation = _padding(attributes), attributes["dilation"]
        return complex_modules.ComplexDepthwiseConv2d(channels, kernel, stride, padding, dilation)
    if attributes["pad"] is None and all(size % 2 for size in kernel):
        return modules.DepthwiseConv2d(channels, kernel, stride, attributes["dilation"])
    return _convolution(inputs, channels, channels, channels, attributes)


def _padding(attributes: Attributes) -> tuple[int, int]:
    """The zeros on both sides, along frequency and time; none where the sides differ."""
    (frequency, _), (time, _) = padding_of(attributes)
    return (0, 0) if is_even(attributes) else (frequency, time)


@_builds
def maxpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Max pooling; of complex channels the value of the largest modulus."""
    window = kernel_of(attributes), stride_of(attributes)
    if is_even(attributes):
        return even_windows.EvenMaxPool(*window, padding_of(attributes), _is_complex(inputs))
    make = complex_modules.ComplexMaxPool if _is_complex(inputs) else modules.MaxPool
    return make(*window)


@_builds
def avgpool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Average pooling over the pixels inside the image, real or complex."""
    window = kernel_of(attributes), stride_of(attributes)
    if is_even(attributes):
        return even_windows.EvenAvgPool(*window, padding_of(attributes))
    return modules.AvgPool(*window)


@_builds
def tilepool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Max pooling of tiles, which do not overlap; of complex channels the value of the largest modulus."""
    make = complex_modules.ComplexTilePool if _is_complex(inputs) else modules.TilePool
    return make(stride_of(attributes), bool(attributes.get("whole")))


@_builds
def zero(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Zeros, on the grid of the stride."""
    return modules.Zero(stride_of(attributes))


@_builds
def shift(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The image moved one pixel up and left."""
    return modules.Shift()


@_builds
def bn(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Batch norm; of complex channels a whitening."""
    make = complex_modules.ComplexBatchNorm2d if _is_complex(inputs) else modules.BatchNorm2d
    return make(output.shape[0], affine=attributes["affine"])


@_builds
def ssn(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Batch norm of each band of frequency; of complex channels a whitening."""
    make = reductions.ComplexSubSpectralNorm if _is_complex(inputs) else reductions.SubSpectralNorm
    return make(output.shape[0], attributes["bands"], affine=attributes["affine"])


@_builds
def ln(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Layer norm over the channels of each place."""
    return reductions.ChannelNorm(output.shape[0], affine=attributes["affine"])


@_builds
def gn(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Group norm."""
    return nn.GroupNorm(attributes["groups"], output.shape[0], affine=attributes["affine"])


@_builds
def inorm(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Instance norm; of complex channels a whitening."""
    make = complex_modules.ComplexInstanceNorm2d if _is_complex(inputs) else nn.InstanceNorm2d
    return make(output.shape[0], affine=attributes["affine"])


# Those that have neither weights nor arguments, of complex numbers part by part.
_ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "hardsigmoid": nn.Hardsigmoid,
    "silu": nn.SiLU,
    "hardswish": nn.Hardswish,
    "gelu": nn.GELU,
}


def _without_arguments(make: Callable[[], nn.Module]) -> Builder:
    return lambda inputs, output, attributes: make()


BUILDERS.update({name: _without_arguments(make) for name, make in _ACTIVATIONS.items()})


@_builds
def leaky_relu(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """max(x, 0) + slope * min(x, 0), of complex numbers part by part."""
    return nn.LeakyReLU(attributes["slope"])


@_builds
def prelu(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A leaky relu whose slopes are learned, of complex numbers part by part."""
    return nn.PReLU(output.stored[0], attributes["start"])


@_builds
def softmax(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Softmax over the channels, or along an axis."""
    axis = attributes["axis"]
    return nn.Softmax(dim=1 if axis is None else 2 + axis_of("softmax", inputs[0], axis))


@_builds
def bounded(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """x / (1 + |x|), real or complex."""
    return complex_modules.ComplexBounded() if _is_complex(inputs) else nn.Softsign()


@_builds
def scaled(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A learned real factor for each channel."""
    parts = 2 if _is_complex(inputs) else 1
    return modules.Scaled(output.shape[0], attributes["start"], parts)


@_builds
def weighted(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A single learned real factor."""
    return modules.Weighted(attributes["start"])


@_builds
def rescale(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A fixed real factor and a fixed real term."""
    return reductions.Rescale(attributes["by"], attributes["plus"], 2 if _is_complex(inputs) else 1)


def _dropping(of: str) -> Builder:
    return lambda inputs, output, attributes: dropping.Dropping(
        attributes["rate"], of, 2 if _is_complex(inputs) else 1
    )


BUILDERS.update({name: _dropping(of) for name, of in DROPPING.items()})


def _along(name: str) -> Builder:
    def build(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
        return reductions.Along(name, 2 + axis_of(name, inputs[0], attributes["axis"]))

    return build


BUILDERS.update({name: _along(name) for name in ("mean", "total", "max", "std")})


@_builds
def magnitude(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The modulus of complex channels, as real ones."""
    return complex_modules.Magnitude()


@_builds
def real_imag(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Complex channels as twice as many real ones: the identity."""
    return nn.Identity()  # the parts of a complex tensor are its channels already


class Add(nn.Module):
    """The sum of its inputs."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """The sum of tensors of one shape."""
        return reduce(plus, inputs)


class Multiply(nn.Module):
    """The product of its inputs, element by element."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """The product of tensors of one shape."""
        return reduce(times, inputs)


class Concat(nn.Module):
    """Concatenation along the channels."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """(N, C_i, ...) -> (N, sum of C_i, ...)."""
        return torch.cat(inputs, dim=1)


class Slice(nn.Module):
    """The channels from `first` up to, but without, `last`, as a copy."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.first, self.last = first, last

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, ...) -> (N, last - first, ...), a 4-dimensional one in `channels_last`."""
        part = x[:, self.first : self.last]
        return part.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else part


class GlobalPool(nn.Module):
    """(N, C, F, T) -> (N, C): the mean over frequency and time."""

    def forward(self, x_NCFT: Tensor) -> Tensor:
        """(N, C, F, T) -> (N, C)."""
        if rearranged(x_NCFT):
            return cast(Tensor, GlobalMean.apply(x_NCFT))
        return x_NCFT.mean(dim=(2, 3))


@_builds
def add(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The sum of the inputs."""
    return _spreading(Add(), inputs, output)


def _spreading(join: nn.Module, inputs: Inputs, output: TensorType) -> nn.Module:
    """A join of inputs, of which those with fewer axes than the output are given axes of size 1."""
    lacking = tuple(len(output.size) - len(one.size) for one in inputs)
    return reductions.Spread(join, lacking) if any(lacking) else join


@_builds
def fold(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Frequencies, or steps of time, as channels."""
    axis = attributes.get("axis", "frequency")
    return reductions.Fold(2 + axis_of("fold", inputs[0], axis), 2 if _is_complex(inputs) else 1)


@_builds
def root(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The root of a variance."""
    return reductions.Root()


@_builds
def subtract(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The difference of two inputs."""
    return _spreading(reductions.Subtract(), inputs, output)


@_builds
def multiply(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The product of the inputs, real or complex."""
    join = complex_modules.ComplexProduct() if _is_complex(inputs) else Multiply()
    return _spreading(join, inputs, output)


@_builds
def concat(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The channels of the inputs side by side."""
    return Concat()


@_builds
def slice(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Some adjacent channels; two of the tensor for each complex one."""
    parts = 2 if _is_complex(inputs) else 1
    first = attributes["first"]
    return Slice(parts * first, parts * (first + output.shape[0]))


@_builds
def shuffle(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Channel shuffle across groups (ShuffleNet: Zhang et al., 2018)."""
    return nn.ChannelShuffle(attributes["groups"])


@_builds
def global_pool(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The mean over frequency and time."""
    return GlobalPool()


@_builds
def linear(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A fully connected layer, real or complex, of features or at each place."""
    make: Callable[..., nn.Module]
    if output.size:
        make = reductions.ComplexPlacesLinear if _is_complex(inputs) else reductions.PlacesLinear
    else:
        make = complex_modules.ComplexLinear if _is_complex(inputs) else nn.Linear
    return make(inputs[0].shape[0], output.shape[0], bias=attributes.get("bias", True))


@_builds
def upsample(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Nearest neighbours, so many times as many."""
    return reductions.Nearest(*output.shape[1:])


@_builds
def upsample_to(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Nearest neighbours, as many as there are places in another tensor."""
    return reductions.Nearest(*output.shape[1:])


@_builds
def bias(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A learned term for each channel, of a complex one for each of its parts."""
    return reductions.Bias(output.stored[0])


@_builds
def gru(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Gated recurrent units over time, in one direction or in both."""
    return sequences.GRU(*_units(inputs, output, attributes))


@_builds
def lstm(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Units with a long short-term memory over time, in one direction or in both."""
    return sequences.LSTM(*_units(inputs, output, attributes))


def _units(inputs: Inputs, output: TensorType, attributes: Attributes) -> tuple[int, int, int, bool]:
    """The features, the hidden units, the layers and whether they go both ways."""
    ways = directions(attributes)
    return features_of(inputs[0]), output.shape[0] // ways, attributes["layers"], ways == 2


@_builds
def last(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """The last step in time."""
    return sequences.Last()


@_builds
def scores(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """How much each step of one sequence has to say to each of another."""
    return sequences.Scores(attributes["heads"])


@_builds
def attend(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """Sums of steps by weights."""
    return sequences.Attend()


@_builds
def position(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A learned term for each channel and step."""
    return sequences.Position(output.stored[0], output.stored[-1])


@_builds
def token(inputs: Inputs, output: TensorType, attributes: Attributes) -> nn.Module:
    """A learned step behind the last."""
    return sequences.Token(output.stored[0])
