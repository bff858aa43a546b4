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
    return {None: (stride, stride), "time": (1, stride), "frequency": (stride, 1)}[along]


def grid_of(attributes: Attributes) -> tuple[int, int]:
    """The (frequency, time) spacing of the pixels that a padded depthwise convolution reads.

    It is the stride on an axis with one tap, or whose dilation is a multiple of the stride; else 1.
    """
    dilation, axes = attributes["dilation"], zip(kernel_of(attributes), stride_of(attributes), strict=True)
    frequency, time = (s if k == 1 or dilation % s == 0 else 1 for k, s in axes)
    return frequency, time


def check_padded(name: str, attributes: Attributes) -> None:
    """Raise TypeRuleError where a kernel of an even size is padded: it has no middle."""
    if attributes.get("pad") is None and any(size % 2 == 0 for size in kernel_of(attributes)):
        kernel = str(attributes["kernel"]).replace(" ", "")
        message = f"kernel of `{name}` must be an odd number, not `{kernel}`"
        help = "an odd number, or a pair (frequency, time) of them; an even one needs `pad: 0`"
        raise TypeRuleError("N0301", message, help)


def windowed(x: TensorType, attributes: Attributes) -> tuple[Dim, Dim]:
    """Output sizes of a sliding window: padded so that stride 1 keeps the size, or unpadded (`pad: 0`)."""
    frequency, time = x.size
    stride_f, stride_t = stride_of(attributes)
    if attributes.get("pad") is not None:
        if attributes["pad"] != 0:
            raise TypeRuleError("N0301", "`pad` is 0, or left out for padding that keeps the size")
        dilation = attributes.get("dilation", 1)
        lost_f, lost_t = ((k - 1) * dilation for k in kernel_of(attributes))
        frequency, time = frequency - lost_f, time - lost_t
    sizes = frequency.divided(stride_f), time.divided(stride_t)
    if any(size.known is not None and size.known < 1 for size in sizes):
        raise TypeRuleError(
            "N0307", f"the kernel is larger than its input `{x}`", "pad it, or use a smaller one", named=[x]
        )
    return sizes
