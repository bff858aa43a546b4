"""Context variables of the layers: which kernels compute them, how norms take their statistics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

MOMENTUM = ContextVar("momentum", default=0.1)  # of the running statistics of batch norms
_TOGETHER = ContextVar("together", default=False)
_BY_TORCH = ContextVar("by_torch", default=False)


@contextmanager
def statistics_kept() -> Iterator[None]:
    """A context in which batch norms in training compute the same, but keep their running statistics."""
    token = MOMENTUM.set(0.0)
    try:
        yield
    finally:
        MOMENTUM.reset(token)


@contextmanager
def statistics_together() -> Iterator[None]:
    """A context in which batch norms in training normalise by what all processes have of a batch."""
    token = _TOGETHER.set(True)
    try:
        yield
    finally:
        _TOGETHER.reset(token)


def together() -> bool:
    """Whether batch norms in training take their statistics over all processes."""
    return _TOGETHER.get()


@contextmanager
def kernels_of_torch() -> Iterator[None]:
    """A context without rearranged forms: layers run as on other devices, and can be differentiated twice.

    On a CPU a strided 1x1 convolution still gathers its pixels first, by torch's slices (`strided_pixels`).
    """
    token = _BY_TORCH.set(True)
    try:
        yield
    finally:
        _BY_TORCH.reset(token)


def by_torch() -> bool:
    """Whether torch's own operators run throughout; `torch.compile` makes kernels of its own from them."""
    return _BY_TORCH.get() or torch.compiler.is_compiling()


def rearranged(x: Tensor) -> bool:
    """Whether the rearranged forms apply to `x`: a CPU, `channels_last`, full precision, no autocast."""
    return (
        x.device.type == "cpu"
        and x.dtype in (torch.float32, torch.float64)
        and x.is_contiguous(memory_format=torch.channels_last)
        and not torch.is_autocast_enabled("cpu")
        and not by_torch()
    )
