"""The torch modules of the primitives of real tensors, with faster CPU kernels for `channels_last` inputs.

Every module computes what its torch counterpart computes, with the same parameters, buffers and `state_dict`,
so the weights of one load into the other. On a CPU, for a `channels_last` input in float32 or float64 without
autocast, a rearranged form (`kernels.py`) takes over where it is measured to pay (2 cores, AVX-512,
float32, N = 32, 32x32):

* batch norm whose channels are no multiple of the vector width is slow in `channels_last`. Memory holds rows
  of W * C values, so the statistics are taken over these wide rows and the columns of one channel combined:
  C = 8 forward and backward 1.1 -> 0.3 ms;
* the weight gradient of a depthwise convolution is fast up to three columns (C = 16: 5x3 0.1 ms, 5x5 1.2 ms),
  so a wider one is taken in blocks of three; a dilated one on the phases of its input, where it is dense;
* the input gradient of a depthwise convolution is again one, with the flipped kernel, whose forward is fast;
* a convolution whose dilation is a multiple of its stride sees only the pixels on the stride's grid
  (C = 16, 5x5, both 2: backward 6.0 -> 0.4 ms);
* average pooling is a depthwise convolution with equal weights (C = 16 forward 0.42 -> 0.11 ms);
* the gradient of the mean over all pixels is laid out like its input: a relu backward of 112 x 4 x 4 values
  0.23 -> 0.01 ms.

Everywhere else (other devices and layouts, half precision, autocast) torch's own operator runs, but for one
that is not safe: on a CPU no strided 1x1 convolution reaches torch (`strided_pixels`). The rearranged forms
are differentiable once: a second derivative through them raises. Gradients of parameters are formed only when
the backward pass needs them, so `torch.autograd.grad` with respect to the mixing weights forms none.

Shapes are (N, C, H, W) throughout: batch, channels, height (frequency), width (time).
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .kernel_modes import MOMENTUM, by_torch, rearranged, together
from .kernels import FAST_COLUMNS, AveragePool, Depthwise, Pair, Subsample, WideBatchNorm
from .synchronised import normalised

__all__ = [
    "AvgPool",
    "BatchNorm2d",
    "DepthwiseConv2d",
    "MaxPool",
    "PointwiseConv2d",
    "Scaled",
    "Shift",
    "Weighted",
    "Zero",
    "with_safe_strides",
]

# Batch norm over wide rows pays from this many values on, where channels do not fill whole vectors.
VECTOR = 16
WIDE_ROWS = 2**16
WIDE_CHANNELS = 48  # from here on the native form is fast


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else value


def depthwise(x: Tensor, weight: Tensor, stride: Pair, padding: Pair, dilation: Pair) -> Tensor:
    """Each channel of (N, C, H, W) convolved with its filter of `weight` (C, 1, kh, kw).

    The rearranged forms are those of the padding that keeps the size, `dilation * (kernel // 2)`.
    """
    kernel = (weight.shape[2], weight.shape[3])
    keeps_size = padding == (dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2))
    if not (keeps_size and rearranged(x)):
        return F.conv2d(x, weight, None, stride, padding, dilation, x.shape[1])
    grid, rest_stride, rest = on_grid(kernel, stride, dilation)
    if grid != (1, 1):
        x = Subsample.apply(x, grid)
    if rest_stride == (1, 1) == rest and kernel[1] <= FAST_COLUMNS:
        return F.conv2d(x, weight, None, 1, (kernel[0] // 2, kernel[1] // 2), 1, x.shape[1])
    return cast(Tensor, Depthwise.apply(x, weight, rest_stride, rest))


def on_grid(kernel: Pair, stride: Pair, dilation: Pair) -> tuple[Pair, Pair, Pair]:
    """The grid of pixels that a window reads, and the stride and the dilation of the window on that grid.

    An axis with one tap, or with taps only on the stride's grid, is taken on that grid.
    """
    axes = list(zip(kernel, stride, dilation, strict=True))
    rows, columns = (s if k == 1 or d % s == 0 else 1 for k, s, d in axes)
    rest = [1 if k == 1 else d // on for (k, _, d), on in zip(axes, (rows, columns), strict=True)]
    return (rows, columns), (stride[0] // rows, stride[1] // columns), (rest[0], rest[1])


class DepthwiseConv2d(nn.Conv2d):
    """One filter for each channel, no bias; (N, C, H, W) -> (N, C, ceil(H / stride), ceil(W / stride)).

    `kernel` is odd along both axes; the zero padding is `dilation * (kernel // 2)`.
    """

    def __init__(
        self, channels: int, kernel: int | Pair, stride: int | Pair = 1, dilation: int | Pair = 1
    ) -> None:
        kernel, stride, dilation = _pair(kernel), _pair(stride), _pair(dilation)
        assert kernel[0] % 2 and kernel[1] % 2, "a depthwise kernel is odd"
        padding = (dilation[0] * (kernel[0] // 2), dilation[1] * (kernel[1] // 2))
        super().__init__(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)
        self._windows = stride, padding, dilation

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / stride), ceil(W / stride))."""
        return depthwise(x, self.weight, *self._windows)


def strided_pixels(x: Tensor, stride: Pair) -> tuple[Tensor, Pair]:
    """What a 1x1 convolution of (N, C, H, W) reads, and the stride that is left: on a CPU the pixels of the
    stride's grid and none, so that torch never convolves single pixels with a stride there.

    Its weight gradient is not to be trusted: oneDNN (3.12 at least, on any x86) forms it in `channels_last`
    past the end of its memory where there are fewer input channels than numbers in a vector (8 with AVX2, 16
    with AVX-512; in float32, and in bfloat16 where the CPU has it). It then is wrong, never ends or crashes.
    """
    if stride == (1, 1) or x.device.type != "cpu":
        return x, stride
    if by_torch() or not x.is_contiguous(memory_format=torch.channels_last):
        return x[:, :, :: stride[0], :: stride[1]], (1, 1)
    return cast(Tensor, Subsample.apply(x, stride)), (1, 1)


class PointwiseConv2d(nn.Conv2d):
    """A 1x1 convolution, without bias; a strided one on a CPU convolves the pixels of the stride's grid.

    (N, channels_in, H, W) -> (N, channels_out, ceil(H / stride), ceil(W / stride)), in `groups` that do not
    mix.
    """

    def __init__(self, channels_in: int, channels_out: int, stride: int | Pair = 1, groups: int = 1) -> None:
        super().__init__(channels_in, channels_out, 1, _pair(stride), groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels_in, H, W) -> (N, channels_out, ceil(H / stride), ceil(W / stride))."""
        x, stride = strided_pixels(x, cast(Pair, self.stride))
        return F.conv2d(x, self.weight, self.bias, stride, groups=self.groups)


def with_safe_strides(module: nn.Module) -> nn.Module:
    """The module, in which every plain strided 1x1 `nn.Conv2d` computes as a `PointwiseConv2d` from now on.

    Its weights, its bias, its hooks and its names stay as they are. Subclasses compute what they say.
    """
    for part in module.modules():
        if type(part) is not nn.Conv2d or part.kernel_size != (1, 1) or part.stride == (1, 1):
            continue
        if part.padding in ((0, 0), "valid"):
            part.__class__ = PointwiseConv2d
    return module


class BatchNorm2d(nn.BatchNorm2d):
    """`nn.BatchNorm2d` (momentum 0.1, running statistics), without scale and shift unless `affine`.

    It does not count batches: nothing reads that number while the momentum is constant.
    """

    def __init__(self, channels: int, affine: bool = False) -> None:
        super().__init__(channels, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W); in training it moves the running statistics."""
        if self.training and together():
            return self._together(x)
        channels, values, momentum = x.shape[1], x.numel() // x.shape[1], MOMENTUM.get()
        slow = channels % VECTOR != 0 and channels < WIDE_CHANNELS and x.numel() >= WIDE_ROWS
        if not (self.training and slow and values > 1 and rearranged(x)):
            statistics = cast(Tensor, self.running_mean), cast(Tensor, self.running_var)
            return F.batch_norm(x, *statistics, self.weight, self.bias, self.training, momentum, self.eps)
        out, mean, variance = WideBatchNorm.apply(x, self.weight, self.bias, self.eps)
        running_mean, running_var = cast(Tensor, self.running_mean), cast(Tensor, self.running_var)
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.mul_(1 - momentum).add_(variance, alpha=momentum * values / (values - 1))
        return cast(Tensor, out)

    def _together(self, x: Tensor) -> Tensor:
        """The same over the parts of a batch that all processes have."""
        running_mean, running_var = cast(Tensor, self.running_mean), cast(Tensor, self.running_var)
        momentum = MOMENTUM.get()
        out, (mean, variance), count = normalised(x.to(running_mean.dtype), self.eps)
        with torch.no_grad():
            running_mean.lerp_(mean, momentum)
            running_var.lerp_(variance * count / (count - 1), momentum)
        if self.weight is not None:
            out = out * self.weight[:, None, None] + self.bias[:, None, None]
        return out.to(x.dtype)


class AvgPool(nn.Module):
    """Mean over the pixels of a window that lie inside the image; sizes become ceil(size / stride)."""

    def __init__(self, kernel: int | Pair, stride: int | Pair = 1) -> None:
        super().__init__()
        self.kernel, self.stride = _pair(kernel), _pair(stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / stride), ceil(W / stride))."""
        if rearranged(x):
            return cast(Tensor, AveragePool.apply(x, self.kernel, self.stride))
        padding = (self.kernel[0] // 2, self.kernel[1] // 2)
        return F.avg_pool2d(x, self.kernel, self.stride, padding, count_include_pad=False)


class MaxPool(nn.MaxPool2d):
    """Maximum over a window with padding `kernel // 2`; sizes become ceil(size / stride)."""

    def __init__(self, kernel: int | Pair, stride: int | Pair = 1) -> None:
        kernel = _pair(kernel)
        super().__init__(kernel, _pair(stride), (kernel[0] // 2, kernel[1] // 2))


class TilePool(nn.MaxPool2d):
    """Maximum over tiles of `stride`, the last ones cut off; sizes become ceil(size / stride).

    whole: whether only whole tiles count; sizes become floor(size / stride).
    """

    def __init__(self, stride: int | Pair, whole: bool = False) -> None:
        super().__init__(_pair(stride), _pair(stride), ceil_mode=not whole)


class Zero(nn.Module):
    """Zeros in the layout of the input; sizes become ceil(size / stride). No gradient passes."""

    def __init__(self, stride: int | Pair = 1) -> None:
        super().__init__()
        self.stride = _pair(stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil(H / stride), ceil(W / stride))."""
        return torch.zeros_like(x[:, :, :: self.stride[0], :: self.stride[1]])


class Scaled(nn.Module):
    """Each channel times a real number of its own that is learned: (N, C, ...) -> (N, C, ...).

    `weight` (C,) starts at `start`; at 1 nothing changes. parts: of a channel, 2 where it is complex.
    """

    def __init__(self, channels: int, start: float = 1.0, parts: int = 1) -> None:
        super().__init__()
        self.start, self.parts = start, parts
        self.weight = nn.Parameter(torch.empty(channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """All factors at `start`."""
        nn.init.constant_(self.weight, self.start)

    def forward(self, x: Tensor) -> Tensor:
        """(N, parts * C, ...) -> (N, parts * C, ...)."""
        weight = self.weight if self.parts == 1 else self.weight.repeat_interleave(self.parts)
        weight = weight.to(x.dtype)
        return x * weight.view(-1, *(1,) * (x.dim() - 2))


class Weighted(nn.Module):
    """A tensor times one real number that is learned: (N, ...) -> (N, ...).

    `weight` () starts at `start`. A complex tensor is multiplied like a real one of twice the channels.
    """

    def __init__(self, start: float = 1.0) -> None:
        super().__init__()
        self.start = start
        self.weight = nn.Parameter(torch.empty(()))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """The factor at `start`."""
        nn.init.constant_(self.weight, self.start)

    def forward(self, x: Tensor) -> Tensor:
        """(N, ...) -> (N, ...)."""
        return x * self.weight.to(x.dtype)


class Shift(nn.Module):
    """Moves the image one pixel up and left: `x[:, :, 1:, 1:]` with zeros at the bottom and the right."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        return F.pad(x, (-1, 1, -1, 1))
