"""Complex layers against torch's complex numbers and a library of them: values, gradients, counts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import complextorch.nn as library
import pytest
import torch
import torch.nn.functional as F
from complex_values import assert_same, image, layer, numbers, pairs
from hypothesis import given, settings
from hypothesis import strategies as st
from pixels import SafeStrides
from torch import Tensor, nn

from dslnas.base.diagnostics import errors
from dslnas.elaborate.space import Setup, build
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.tensortype import Dim, TensorType, tensor
from dslnas.ir.walk import Everything
from dslnas.lower.modules.builders import module_of
from dslnas.lower.modules.complex_kernels import modulus, structured, turned
from dslnas.lower.modules.kernel_modes import kernels_of_torch
from dslnas.lower.modules.whitening import Whiten
from dslnas.lower.network import GraphModule
from dslnas.resolve.resolve import resolve

WINDOW = {"kernel": 3, "stride": 1, "dilation": 1, "along": None, "pad": None}


def assert_weights_alike(ours: nn.Module, weight: Tensor, x: Tensor, theirs: Callable[..., Tensor]) -> None:
    """Equal gradients of the weights; `theirs` takes numbers and complex weights."""
    complex_weight = numbers(weight.detach().transpose(0, 1)).transpose(0, 1).requires_grad_()
    out = theirs(x, complex_weight)
    towards = image(*out.shape, dtype=x.dtype, seed=9)
    (wanted,) = torch.autograd.grad(out, complex_weight, towards)
    source = pairs(x).contiguous(memory_format=torch.channels_last) if x.dim() == 4 else pairs(x)
    (found,) = torch.autograd.grad(ours(source), weight, pairs(towards))
    torch.testing.assert_close(found, pairs(wanted.transpose(0, 1)).transpose(0, 1))


def complex_weight(weight: Tensor) -> Tensor:
    return torch.complex(weight.detach()[0::2], weight.detach()[1::2])


# --- layers ------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([1, 3, (5, 1)]), st.sampled_from([1, 2]), st.sampled_from([1, 2]), st.sampled_from([1, 2])
)
def test_convolutions_are_those_of_complex_numbers(
    kernel: Any, stride: int, dilation: int, groups: int
) -> None:
    x = image(2, 4, 7, 6)
    more = {"kernel": kernel, "stride": stride, "dilation": dilation, "groups": groups, "out": Dim.of(6)}
    size = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    padding = [dilation * (k // 2) for k in size]

    def convolved(z: Tensor, weight: Tensor, groups: int) -> Tensor:
        return F.conv2d(z, weight, None, stride, padding, dilation, groups)

    conv: Any = layer("conv", x, **{**WINDOW, **more})
    assert_same(conv, lambda z: convolved(z, complex_weight(conv.weight), groups), x)
    assert_weights_alike(conv, conv.weight, x, lambda z, w: convolved(z, w, groups))
    del more["out"]
    depthwise: Any = layer("dwconv", x, **{**WINDOW, **more})
    assert_same(depthwise, lambda z: convolved(z, complex_weight(depthwise.weight), 4), x)
    assert_weights_alike(depthwise, depthwise.weight, x, lambda z, w: convolved(z, w, 4))


@pytest.mark.parametrize("by_torch", [True, False])
def test_a_strided_convolution_of_single_pixels_is_safe(by_torch: bool) -> None:
    """Of sizes, precision and channels with which torch's own would not be."""
    x = image(3, 2, 8, 8, dtype=torch.complex64)
    conv: Any = layer("conv", x, **{**WINDOW, "kernel": 1, "stride": 2, "groups": 1, "out": Dim.of(3)})
    with SafeStrides(), kernels_of_torch() if by_torch else nullcontext():
        assert_same(conv, lambda z: F.conv2d(z[:, :, ::2, ::2], complex_weight(conv.weight)), x)


def test_a_linear_layer_is_that_of_complex_numbers() -> None:
    x = image(5, 3)
    linear: Any = layer("linear", x, out=Dim.of(4))
    bias = complex_weight(linear.bias)
    assert_same(linear, lambda z: F.linear(z, complex_weight(linear.weight), bias), x)
    assert_weights_alike(linear, linear.weight, x, lambda z, w: F.linear(z, w, bias))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_pools_select_by_modulus_and_average_both_parts(stride: int, dtype: torch.dtype) -> None:
    x = image(2, 3, 7, 6, dtype=dtype)
    assert_same(layer("maxpool", x, kernel=3, stride=stride), library.MagMaxPool2d(3, stride, 1), x)

    def averaged(z: Tensor) -> Tensor:
        return torch.complex(
            *(F.avg_pool2d(p, 3, stride, 1, count_include_pad=False) for p in (z.real, z.imag))
        )

    assert_same(layer("avgpool", x, kernel=3, stride=stride), averaged, x)


@pytest.mark.parametrize(("name", "bend"), [("relu", F.relu), ("relu6", F.relu6), ("tanh", torch.tanh)])
def test_activations_bend_both_parts(name: str, bend: Callable[[Tensor], Tensor]) -> None:
    x = 5 * image(2, 3, 4, 5)
    assert_same(layer(name, x), lambda z: torch.complex(bend(z.real), bend(z.imag)), x)


def test_products_shifts_and_means_are_those_of_complex_numbers() -> None:
    x, y = image(2, 3, 4, 5), image(2, 3, 4, 5, seed=1)
    type = tensor("complex", 3, 4, 5)
    multiply = module_of(REGISTRY["multiply"], (type, type), type, {})
    for memory in (torch.channels_last, torch.contiguous_format):
        a, b = (pairs(one).contiguous(memory_format=memory) for one in (x, y))
        torch.testing.assert_close(numbers(multiply(a, b, a)), x * y * x)
        torch.testing.assert_close(numbers(turned(a)), 1j * x)
    assert_same(layer("shift", x), lambda z: F.pad(z, (0, 1, 0, 1))[:, :, 1:, 1:], x)
    assert_same(layer("global_pool", x), lambda z: z.mean((2, 3)), x)
    assert_same(layer("slice", x, first=1, out=Dim.of(2)), lambda z: z[:, 1:3], x)


def test_casts_keep_what_they_say() -> None:
    x = image(2, 3, 4, 5)
    for memory in (torch.channels_last, torch.contiguous_format):
        source = pairs(x).contiguous(memory_format=memory)
        torch.testing.assert_close(layer("magnitude", x)(source), x.abs())
        assert torch.equal(numbers(layer("real_imag", x)(source)), x)
    real = tensor("real", 3, 4, 5)
    assert REGISTRY["real_imag"].type_rule((real,), {}, "real") == real
    zero = torch.zeros(1, 4, 2, 2, requires_grad=True)
    assert torch.equal(torch.autograd.grad(modulus(zero).sum(), zero)[0], torch.zeros_like(zero))


# --- norms -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
@pytest.mark.parametrize("affine", [False, True])
def test_batch_norm_is_that_of_the_library(affine: bool, dtype: torch.dtype) -> None:
    x = image(4, 3, 5, 6, dtype=dtype) * torch.tensor([1 + 2j, 0.1, 3j], dtype=dtype)[:, None, None] + 2
    x = torch.complex(x.real, x.imag + 0.7 * x.real)
    ours: Any = layer("bn", x, affine=affine)
    theirs = library.BatchNorm2d(3, affine=affine).to(x.real.dtype)
    if affine:
        for seed, parameter in enumerate((ours.weight, ours.cross, ours.bias)):
            nn.init.normal_(parameter, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            theirs.weight.copy_(scales(ours))
            theirs.bias.copy_(ours.bias.view(3, 2).t())
    assert_same(ours, theirs, x)
    theirs.running_mean.copy_(ours.running_mean.view(3, 2).t())
    theirs.running_var.copy_(covariances(ours) + 1e-5 * torch.eye(2)[:, :, None])
    assert_same(ours.eval(), theirs.eval(), x)


def test_running_statistics_follow_the_unbiased_ones() -> None:
    norm: Any = layer("bn", image(1, 2, 1, 1), affine=False)
    batches = [image(3, 2, 5, 6, seed=seed) for seed in range(2)]
    expected = torch.eye(2).double().repeat(2, 1, 1)
    for x in batches:
        norm(pairs(x))
        parts = torch.view_as_real(x.transpose(0, 1).flatten(1)).transpose(1, 2)
        expected = 0.9 * expected + 0.1 * torch.stack([torch.cov(one) for one in parts])
    torch.testing.assert_close(covariances(norm).permute(2, 0, 1), expected)


def covariances(norm: Any) -> Tensor:
    """(2, 2, C), as the library has them."""
    real, imaginary = norm.running_var.view(-1, 2).unbind(1)
    return torch.stack((torch.stack((real, norm.running_cov)), torch.stack((norm.running_cov, imaginary))))


def scales(norm: Any) -> Tensor:
    """(2, 2, C), as the library has them."""
    real, imaginary = norm.weight.view(-1, 2).unbind(1)
    return torch.stack((torch.stack((real, norm.cross)), torch.stack((norm.cross, imaginary))))


def test_instance_norm_is_the_batch_norm_of_each_example() -> None:
    x = image(3, 2, 5, 6) * 3 + 1
    one = library.BatchNorm2d(2, affine=False, track_running_stats=False).double()
    assert_same(
        layer("inorm", x, affine=False), lambda z: torch.cat([one(example[None]) for example in z]), x
    )
    halved = layer("inorm", x, affine=True)(pairs(x)).detach()
    assert float(halved.square().mean()) == pytest.approx(0.5, rel=1e-3)


def test_gradients_written_by_hand_are_exact() -> None:
    for memory in (torch.channels_last, torch.contiguous_format):
        x = pairs(image(3, 2, 4, 5)).contiguous(memory_format=memory).requires_grad_()
        assert torch.autograd.gradcheck(lambda one: Whiten.apply(one, 1e-5)[0], x)
    assert torch.autograd.gradcheck(
        structured, torch.randn(4, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    )


# --- counts and types --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "attributes", "weights"),
    [
        ("conv", {**WINDOW, "groups": 2, "out": Dim.of(6)}, 2 * 6 * 2 * 9),
        ("dwconv", WINDOW, 2 * 4 * 9),
        ("bn", {"affine": True}, 5 * 4),
        ("inorm", {"affine": False}, 0),
    ],
)
def test_a_complex_weight_counts_twice(name: str, attributes: dict[str, Any], weights: int) -> None:
    x = tensor("complex", 4, 7, 6)
    output = REGISTRY[name].type_rule((x,), attributes, "complex")
    module = module_of(REGISTRY[name], (x,), output, attributes)
    assert sum(parameter.numel() for parameter in module.parameters()) == weights
    assert REGISTRY[name].cost((x,), output, attributes).params == weights
    assert tuple(module(torch.randn(2, *x.stored)).shape) == (2, *output.stored)


def test_weights_start_with_the_variance_of_real_ones() -> None:
    """That of torch's convolutions: 1 / (3 * inputs), of complex numbers: of both parts together."""
    conv: Any = layer("conv", image(1, 16, 3, 3), **WINDOW, groups=1, out=Dim.of(64))
    variance = 2 * conv.weight.detach().var()
    assert float(variance) == pytest.approx(1 / (3 * 16 * 9), rel=0.05)


def test_a_complex_space_runs_where_it_is_cast(tmp_path: Path) -> None:
    path = tmp_path / "own.nas"
    path.write_text(
        "op own = (x * x -> tanh) + x -> choose {real_imag, concat(x -> magnitude, x -> magnitude)}\n"
        "space S(domain = complex) { network = input -> own -> conv(3, 4) -> global_pool -> linear(classes) }"
    )
    definitions, found = resolve(path)
    type: TensorType = tensor("complex", 3, 4, 5)
    program, problems = build(definitions.spaces["S"], definitions.ops, Setup({"domain": "complex"}, type, 7))
    assert program is not None and not problems and not errors(found), problems
    weights = {id: torch.ones(len(point.options)) for id, point in program.choices.items()}
    x = torch.randn(2, *type.stored)
    assert GraphModule(program.network, program, Everything())([x], weights).shape == (2, 7)
