"""Keeps tests away from torch's strided 1x1 convolution, which is not safe on a CPU.

Its weight gradient is formed past the end of its memory where tensors are in `channels_last` and channels
are few (`strided_pixels` says when): the process may crash, the gradient may be wrong. Nothing here waits for
that to happen: the convolution is refused before it is computed.
"""

from __future__ import annotations

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class SafeStrides(TorchDispatchMode):
    """Inside, a strided 1x1 convolution that reaches torch on a CPU fails, without being computed.

    Convolutions in groups (depthwise ones) and of a single channel pass: torch has other kernels for them.
    contiguous: so do those of contiguous tensors with contiguous weights.
    """

    def __init__(self, contiguous: bool = False) -> None:
        super().__init__()
        self.contiguous = contiguous
        self.seen = 0  # convolutions

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if func is torch.ops.aten.convolution.default:
            x, weight, stride, groups = args[0], args[1], args[3], args[8]
            self.seen += 1
            strided = weight.shape[2:] == (1, 1) and max(stride) > 1
            apart = groups > 1 or x.shape[1] == 1 or x.device.type != "cpu"
            # what torch goes by; of a 1x1 weight both layouts are contiguous, and its strides say which one
            plain = all(tensor.stride(1) >= tensor.stride(3) for tensor in (x, weight))
            assert not strided or apart or (self.contiguous and plain), (
                f"torch is to convolve single pixels of {tuple(x.shape)} with stride {stride}"
            )
        return func(*args, **(kwargs or {}))
