"""Forms in which complex convolutions may be computed, in place of `lower/modules/complex_convolution.py`.

Each takes and hands out tensors whose channels are pairs, in `channels_last`, so that all of a network may be
computed in any of them. `both parts` below are the real and the imaginary parts, apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor

from dslnas.lower.modules import complex_convolution, modules
from dslnas.lower.modules.complex_kernels import as_complex, as_pairs, structured
from dslnas.lower.modules.kernels import Pair, Subsample

Convolve = Callable[[Tensor, Tensor], Tensor]  # a convolution of a tensor with weights
Form = Callable[[Convolve, Tensor, Tensor], Tensor]  # the same of pairs, by convolutions of parts


def four_products(convolve: Convolve, x: Tensor, weight: Tensor) -> Tensor:
    """(a + ib)(c + id) = ac - bd + i (ad + bc)."""
    (a, b), (c, d) = _parts(x), (weight[0::2], weight[1::2])
    return _joined(convolve(a, c) - convolve(b, d), convolve(a, d) + convolve(b, c))


def three_products(convolve: Convolve, x: Tensor, weight: Tensor) -> Tensor:
    """The imaginary part is (a + b)(c + d) - ac - bd (Gauss)."""
    (a, b), (c, d) = _parts(x), (weight[0::2], weight[1::2])
    ac, bd = convolve(a, c), convolve(b, d)
    return _joined(ac - bd, convolve(a + b, c + d) - ac - bd)


def complex64(convolve: Convolve, x: Tensor, weight: Tensor) -> Tensor:
    """Torch's convolution of complex numbers."""
    numbers = as_complex(x.contiguous(memory_format=torch.channels_last)).movedim(-1, 1)
    out = convolve(numbers, torch.complex(weight[0::2], weight[1::2]))
    return as_pairs(out.movedim(1, -1))


def _parts(x: Tensor) -> tuple[Tensor, Tensor]:
    real, imaginary = (x[:, part::2].contiguous(memory_format=torch.channels_last) for part in (0, 1))
    return real, imaginary


def _joined(real: Tensor, imaginary: Tensor) -> Tensor:
    return as_pairs(torch.complex(real.movedim(1, -1), imaginary.movedim(1, -1)))


def _structured_depthwise(x: Tensor, weight: Tensor, stride: Pair, padding: Pair, dilation: Pair) -> Tensor:
    """A grouped convolution, of two channels to two for each complex one."""
    return F.conv2d(x, structured(weight), None, stride, padding, dilation, len(weight) // 2)


def _dense_in(form: Form) -> Callable[..., Tensor]:
    def dense(x: Tensor, weight: Tensor, stride: Pair, padding: Pair, dilation: int, groups: int) -> Tensor:
        if stride != (1, 1) and weight.shape[2:] == (1, 1):
            x, stride = Subsample.apply(x, stride), (1, 1)

        def convolve(part: Tensor, weights: Tensor) -> Tensor:
            return F.conv2d(part, weights, None, stride, padding, dilation, groups)

        return form(convolve, x, weight)

    return dense


def _depthwise_in(form: Form) -> Callable[..., Tensor]:
    def depthwise(x: Tensor, weight: Tensor, stride: Pair, padding: Pair, dilation: Pair) -> Tensor:
        def convolve(part: Tensor, weights: Tensor) -> Tensor:
            # parts with the kernels that are fast on a CPU, complex numbers with torch's own
            return modules.depthwise(part, weights, stride, padding, dilation)

        return form(convolve, x, weight)

    return depthwise


# What stands in for `dense` and `depthwise`; ours are the first, as they are.
FORMS: dict[str, dict[str, Callable[..., Tensor]]] = {
    "ours": {},
    "structured": {"depthwise": _structured_depthwise},
    **{
        name: {"dense": _dense_in(form), "depthwise": _depthwise_in(form)}
        for name, form in (
            ("three", three_products),
            ("four", four_products),
            ("complex64", complex64),
        )
    },
}


@contextmanager
def computed_in(form: str) -> Iterator[None]:
    """Inside, complex layers convolve in one of the forms."""
    if not FORMS[form]:
        yield
        return
    with patch.multiple(complex_convolution, **FORMS[form]):
        yield
