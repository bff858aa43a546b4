"""Windows over maps of any size, smaller than the window too: values and derivatives are those of torch.

References run in float64 over contiguous tensors, on which none of the rearranged forms works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from complex_values import numbers
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import Dim, Domain, TensorType
from dslnas.lower.modules import modules
from dslnas.lower.modules.builders import module_of
from dslnas.lower.modules.kernel_modes import kernels_of_torch

Pair = tuple[int, int]
TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-10}
LAYOUTS = (torch.channels_last, torch.contiguous_format)
ODD = st.sampled_from((1, 3, 5, 7, 9, 11, 13))
SIZES = st.integers(1, 8)
UP_TO_THREE = st.integers(1, 3)
MANY = settings(max_examples=250)


@dataclass(frozen=True)
class Window:
    """A window and the (N, C, H, W) it slides over; `along` lays kernel and stride along one axis."""

    kernel: Pair
    stride: int
    dilation: int
    along: str | None
    size: tuple[int, int, int, int]
    dtype: torch.dtype = torch.float64

    @property
    def strides(self) -> Pair:
        """Those of both axes."""
        return {None: (self.stride,) * 2, "time": (1, self.stride), "frequency": (self.stride, 1)}[self.along]

    def padding(self, dilation: int = 1) -> Pair:
        """What keeps the size at stride 1."""
        return dilation * (self.kernel[0] // 2), dilation * (self.kernel[1] // 2)

    def layer(self, name: str, domain: Domain, **more: Any) -> nn.Module:
        """A primitive of this window."""
        kernel = {None: self.kernel, "time": self.kernel[1], "frequency": self.kernel[0]}[self.along]
        attributes = {"kernel": kernel, "stride": self.stride, "along": self.along, **more}
        input = TensorType(domain, Dim.of(self.size[1]), tuple(Dim.of(size) for size in self.size[2:]))
        output = REGISTRY[name].type_rule((input,), attributes, domain)
        return module_of(REGISTRY[name], (input,), output, attributes).to(self.dtype)

    def image(self, domain: Domain, seed: int = 0) -> Tensor:
        """Noise as layers take it: the parts of complex channels side by side."""
        n, c, *size = self.size
        generator = torch.Generator().manual_seed(seed)
        parts = 2 if domain == "complex" else 1
        return torch.randn(n, parts * c, *size, generator=generator, dtype=self.dtype)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    along = draw(st.sampled_from((None, None, "time", "frequency")))
    kernel = (1 if along == "time" else draw(ODD), 1 if along == "frequency" else draw(ODD))
    size = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), draw(SIZES), draw(SIZES))
    dtype = draw(st.sampled_from((torch.float64, torch.float64, torch.float32)))
    return Window(kernel, draw(UP_TO_THREE), draw(UP_TO_THREE), along, size, dtype)


DOMAINS = st.sampled_from(("real", "complex"))


def derivatives(work: Callable[..., Tensor], read: list[Tensor], twice: bool) -> list[Tensor]:
    """The output, its first derivatives by all that is read, and where `twice` the second ones as well.

    What is differentiated is quadratic in the output, so that no second derivative vanishes.
    """
    out = work(*read)
    towards = torch.arange(out.numel(), dtype=out.dtype).sin().view(out.shape) + 0.5
    first = torch.autograd.grad((out.square() * towards).sum(), read, create_graph=twice)
    if not twice:
        return [out.detach(), *first]
    mixed = torch.stack([(one * one.detach().cos()).sum() for one in first]).sum()
    mixed.backward()  # type: ignore[no-untyped-call]  # `autograd.grad` passes by what refuses it
    second = [torch.zeros_like(one) if one.grad is None else one.grad for one in read]
    return [out.detach(), *(one.detach() for one in first), *second]


def assert_as_torch(layer: nn.Module, theirs: Callable[..., Tensor], x: Tensor, twice: bool) -> None:
    """The layer does to `x` what `theirs` does to it and to the layer's weights, in both layouts.

    twice: whether it can be differentiated twice where torch's own operators run. Where others do, it refuses
    to, or does it right.
    """
    names = [name for name, _ in layer.named_parameters()]
    weights = list(layer.parameters())

    def ours(x: Tensor, *weights: Tensor) -> Tensor:
        result: Tensor = torch.func.functional_call(layer, dict(zip(names, weights, strict=True)), (x,))
        return result

    def laid(layout: torch.memory_format) -> list[Tensor]:
        read = [x.contiguous(memory_format=layout), *weights]
        return [one.detach().clone(memory_format=torch.preserve_format).requires_grad_() for one in read]

    exact = [one.detach().double().contiguous().requires_grad_() for one in (x, *weights)]
    wanted = derivatives(theirs, exact, twice=True)
    for layout in LAYOUTS:
        assert_close(derivatives(ours, laid(layout), twice=False), wanted)
        try:
            assert_close(derivatives(ours, laid(layout), twice=True), wanted)
        except RuntimeError as refusal:
            assert "once_differentiable" in str(refusal)
    if twice:
        with kernels_of_torch():
            assert_close(derivatives(ours, laid(torch.contiguous_format), twice=True), wanted)


def assert_close(found: list[Tensor], wanted: list[Tensor]) -> None:
    """Equal to the precision of what is found, relative to the scale of what is wanted."""
    for mine, theirs in zip(found, wanted, strict=False):
        tolerance = TOLERANCE[mine.dtype] * max(1.0, float(theirs.detach().abs().max()))
        torch.testing.assert_close(mine.double(), theirs.detach(), atol=tolerance, rtol=0)


def real_conv(x: Tensor, weight: Tensor, *window: Any) -> Tensor:
    """By torch, on dense tensors."""
    result: Tensor = F.conv2d(x.contiguous(), weight.contiguous(), None, *window)
    return result


def complex_conv(x: Tensor, weight: Tensor, *window: Any) -> Tensor:
    """The convolution of pairs by complex weights that are pairs of rows, by torch's real convolutions."""
    (xr, xi), (wr, wi) = (x[:, 0::2], x[:, 1::2]), (weight[0::2], weight[1::2])
    real = real_conv(xr, wr, *window) - real_conv(xi, wi, *window)
    imaginary = real_conv(xr, wi, *window) + real_conv(xi, wr, *window)
    return torch.stack((real, imaginary), 2).flatten(1, 2)


CONVOLUTIONS = {"real": real_conv, "complex": complex_conv}


@MANY
@given(windows(), DOMAINS)
@example(Window((7, 7), 1, 1, None, (2, 3, 4, 1)), "real")
@example(Window((1, 9), 2, 1, None, (1, 2, 3, 3)), "complex")
@example(Window((5, 13), 1, 3, None, (1, 2, 1, 5)), "real")
def test_depthwise_convolutions_are_those_of_torch(window: Window, domain: Domain) -> None:
    layer = window.layer("dwconv", domain, dilation=window.dilation, pad=None)
    shape = (window.strides, window.padding(window.dilation), window.dilation, window.size[1])
    convolve = CONVOLUTIONS[domain]
    assert_as_torch(layer, lambda x, w: convolve(x, w, *shape), window.image(domain), True)


def groups(channels: int) -> int:
    """Two where channels are even, and else one."""
    return 2 - channels % 2


@MANY
@given(windows(), DOMAINS)
def test_dense_convolutions_are_those_of_torch(window: Window, domain: Domain) -> None:
    """Complex weights are laid out for a real convolution by hand, so that these are differentiable once."""
    layer = window.layer(
        "conv",
        domain,
        dilation=window.dilation,
        pad=None,
        groups=window.size[1],
        out=Dim.of(2 * window.size[1]),
    )
    shape = (window.strides, window.padding(window.dilation), window.dilation, window.size[1])
    convolve = CONVOLUTIONS[domain]
    assert_as_torch(layer, lambda x, w: convolve(x, w, *shape), window.image(domain), domain == "real")


@MANY
@given(windows(), DOMAINS)
def test_average_pools_are_those_of_torch(window: Window, domain: Domain) -> None:
    layer = window.layer("avgpool", domain)
    shape = (window.kernel, window.strides, window.padding())

    def averaged(x: Tensor) -> Tensor:
        return F.avg_pool2d(x, *shape, count_include_pad=False)

    assert_as_torch(layer, averaged, window.image(domain), True)


@MANY
@given(windows(), DOMAINS)
def test_max_pools_are_those_of_torch(window: Window, domain: Domain) -> None:
    shape = {"kernel_size": window.kernel, "stride": window.strides, "padding": window.padding()}
    assert_largest(window.layer("maxpool", domain), shape, window.image(domain), domain)


@MANY
@given(
    st.tuples(st.integers(1, 2), st.integers(1, 3), SIZES, SIZES), st.integers(1, 5), st.booleans(), DOMAINS
)
@example((1, 2, 8, 6), 2, False, "real")
def test_tiles_are_the_windows_of_torch_that_do_not_overlap(
    size: tuple[int, int, int, int], stride: int, whole: bool, domain: Domain
) -> None:
    """The last ones are cut off, so that sizes round up; where only whole ones count, sizes round down."""
    assume(not whole or min(size[2:]) >= stride)
    window = Window((1, 1), stride, 1, None, size)
    layer, x = window.layer("tilepool", domain, whole=whole), window.image(domain)
    shape = {"kernel_size": stride, "stride": stride, "ceil_mode": not whole}
    assert_largest(layer, shape, x, domain)
    rounded = [extent // stride if whole else -(-extent // stride) for extent in size[2:]]
    assert list(layer(x).shape[2:]) == rounded


def assert_largest(layer: nn.Module, shape: dict[str, Any], x: Tensor, domain: Domain) -> None:
    """A pool is that of torch; complex numbers are picked where it finds the largest of their moduli."""

    def largest(x: Tensor) -> Tensor:
        if domain == "real":
            return F.max_pool2d(x, **shape)
        _, places = F.max_pool2d(numbers(x.detach()).abs(), **shape, return_indices=True)
        places = places.repeat_interleave(2, 1)
        return x.flatten(2).gather(2, places.flatten(2)).view(places.shape)

    assert_as_torch(layer, largest, x, domain == "real")


@MANY
@given(st.tuples(st.integers(1, 3), st.integers(1, 3), SIZES, SIZES), DOMAINS)
@example((2, 1, 3, 8), "real")
def test_norms_over_wide_rows_are_those_over_channels(size: tuple[int, ...], domain: Domain) -> None:
    """`channels_last` memory, where rows of a whole width are normed, against contiguous memory."""
    window = Window((1, 1), 1, 1, None, size)  # type: ignore[arg-type]
    assume(size[0] * size[2] * size[3] > (1 if domain == "real" else 3))  # few pairs lie on a line
    x = window.image(domain)
    towards = window.image(domain, seed=1)
    results = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modules, "WIDE_ROWS", 2)
        patch.setattr(modules, "VECTOR", 2**20)
        for layout in LAYOUTS:
            layer = window.layer("bn", domain, affine=True)
            read = x.contiguous(memory_format=layout).clone(memory_format=torch.preserve_format)
            out = layer(read.requires_grad_())
            found = torch.autograd.grad(out, [read, *layer.parameters()], towards)
            results.append([out.detach(), *found, *layer.buffers()])
    for mine, theirs in zip(*results, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-9 * max(1.0, float(theirs.abs().max())), rtol=0)
