"""Sliding windows over frequency and time: kernel and stride as pairs, and output sizes."""

from __future__ import annotations

from ..tensortype import Dim, TensorType
from .registry import Attributes, TypeRuleError


def kernel_of(attributes: Attributes) -> tuple[int, int]:
    """The kernel as (frequency, time); with `along`, a single number applies to one axis."""
    kernel, along = attributes["kernel"], attributes.get("along")
    if isinstance(kernel, tuple):
        return kernel
    return {None: (kernel, kernel), "time": (1, kernel), "frequency": (kernel, 1)}[along]


def stride_of(attributes: Attributes) -> tuple[int, int]:
    """The stride as (frequency, time); with `along`, that of the other axis is 1."""
    stride, along = attributes.get("stride", 1), attributes.get("along")
    if isinstance(stride, tuple):
        return stride
    return {None: (stride, stride), "time": (1, stride), "frequency": (stride, 1)}[along]


def padding_of(attributes: Attributes) -> tuple[tuple[int, int], tuple[int, int]]:
    """The zeros before and after, along frequency and along time.

    Padding that keeps the size at stride 1 is alike on both sides of an odd kernel; before an even one it is
    one less than after it, so that the window of a place begins no later than with an odd one.
    """
    pad, dilation = attributes.get("pad"), attributes.get("dilation", 1)
    if pad is not None:
        frequency, time = pad if isinstance(pad, tuple) else (pad, pad)
        return (frequency, frequency), (time, time)
    frequency, time = (dilation * (kernel - 1) for kernel in kernel_of(attributes))
    return (frequency // 2, -(-frequency // 2)), (time // 2, -(-time // 2))


def is_even(attributes: Attributes) -> bool:
    """Whether the padding before a window differs from that after it, along either axis."""
    return any(before != after for before, after in padding_of(attributes))


def grid_of(attributes: Attributes) -> tuple[int, int]:
    """The (frequency, time) spacing of the pixels that a padded depthwise convolution reads.

    It is the stride on an axis with one tap, or whose dilation is a multiple of the stride; else 1.
    """
    dilation, axes = attributes["dilation"], zip(kernel_of(attributes), stride_of(attributes), strict=True)
    frequency, time = (s if k == 1 or dilation % s == 0 else 1 for k, s in axes)
    return frequency, time


def windowed(x: TensorType, attributes: Attributes) -> tuple[Dim, Dim]:
    """Output sizes of a sliding window: padded so that stride 1 keeps the size, or as `pad` says."""
    frequency, time = x.size
    stride_f, stride_t = stride_of(attributes)
    if attributes.get("pad") is not None:
        dilation, pads = attributes.get("dilation", 1), padding_of(attributes)
        lost_f, lost_t = (
            (k - 1) * dilation - sum(around) for k, around in zip(kernel_of(attributes), pads, strict=True)
        )
        frequency, time = frequency - lost_f, time - lost_t
    sizes = frequency.divided(stride_f), time.divided(stride_t)
    if any(size.known is not None and size.known < 1 for size in sizes):
        raise TypeRuleError(
            "N0307", f"the kernel is larger than its input `{x}`", "pad it, or use a smaller one", named=[x]
        )
    return sizes
