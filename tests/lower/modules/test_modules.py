"""The rearranged forms equal torch's own operators: values, gradients, running statistics, names."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F
from pixels import SafeStrides
from real_layers import TOLERANCE, assert_same, image
from torch import Tensor, nn

from dslnas.lower.modules import kernels, modules
from dslnas.lower.modules.builders import GlobalPool
from dslnas.lower.modules.kernel_modes import kernels_of_torch
from dslnas.lower.modules.modules import (
    AvgPool,
    BatchNorm2d,
    DepthwiseConv2d,
    MaxPool,
    PointwiseConv2d,
    Shift,
    with_safe_strides,
)
from dslnas.lower.modules.weighted_sum import weighted_sum

DTYPES = [torch.float32, torch.float64]
SIZES = [(3, 5, 8, 8), (1, 4, 7, 9), (2, 16, 6, 11)]


@pytest.fixture(autouse=True)
def _wide_rows_at_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(modules, "WIDE_ROWS", 2)
    monkeypatch.setattr(modules, "VECTOR", 2**20)


def depthwise(channels: int, kernel: tuple[int, int], stride: int, dilation: int) -> nn.Conv2d:
    padding = (dilation * (kernel[0] // 2), dilation * (kernel[1] // 2))
    return nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
def test_the_global_mean_equals_torch_and_its_gradient_keeps_the_layout(
    size: tuple[int, ...], dtype: torch.dtype
) -> None:
    x = image(size, dtype).requires_grad_()
    weights, found = torch.randn(size[:2], dtype=dtype), []
    for mean in (GlobalPool()(x), x.mean((2, 3))):
        (gradient,) = torch.autograd.grad((mean * weights).sum(), [x])
        found.append((mean, gradient))
    (ours, gradient), (expected, by_torch) = found
    assert torch.equal(ours, expected) and torch.equal(gradient, by_torch)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride, dilation", list(itertools.product((1, 2, 3), (1, 2, 3))))
@pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (7, 7), (1, 1), (1, 5), (7, 1), (3, 9)])
def test_depthwise_equals_torch(
    kernel: tuple[int, int], stride: int, dilation: int, size: tuple[int, ...], dtype: torch.dtype
) -> None:
    ours = DepthwiseConv2d(size[1], kernel, stride, dilation).to(dtype)
    x = image(size, dtype)
    assert ours(x).shape == (*size[:2], -(-size[2] // stride), -(-size[3] // stride))
    assert_same(ours, depthwise(size[1], kernel, stride, dilation).to(dtype), x)


@pytest.mark.parametrize("stride, dilation", [((2, 1), (1, 1)), ((1, 2), (2, 2)), ((2, 1), (2, 1))])
def test_depthwise_with_a_stride_of_each_axis(stride: tuple[int, int], dilation: tuple[int, int]) -> None:
    ours = DepthwiseConv2d(4, (5, 5), stride, dilation).double()
    padding = (2 * dilation[0], 2 * dilation[1])
    theirs = nn.Conv2d(4, 4, 5, stride, padding, dilation, groups=4, bias=False).double()
    assert_same(ours, theirs, image((2, 4, 7, 10), torch.float64))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride", [1, 2])
def test_pools_equal_torch(stride: int, size: tuple[int, ...], dtype: torch.dtype) -> None:
    x = image(size, dtype)
    assert_same(MaxPool(3, stride), nn.MaxPool2d(3, stride, 1), x)
    assert_same(AvgPool(3, stride), nn.AvgPool2d(3, stride, 1, count_include_pad=False), x)
    assert_same(AvgPool(5, stride), nn.AvgPool2d(5, stride, 2, count_include_pad=False), x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("stride", [1, 2, 3, (1, 2), (2, 1)])
@pytest.mark.parametrize("channels_last", [True, False])
def test_pointwise_equals_torch(
    channels_last: bool, stride: int | tuple[int, int], size: tuple[int, ...], dtype: torch.dtype
) -> None:
    """Torch's own is safe for contiguous tensors alone; ours is held against it in both layouts."""
    x, contiguous = image(size, dtype, channels_last), image(size, dtype, False)
    contiguous.copy_(x)
    for groups in (1, size[1]):
        ours = PointwiseConv2d(size[1], 2 * size[1], stride, groups).to(dtype)
        theirs = nn.Conv2d(size[1], 2 * size[1], 1, stride, groups=groups, bias=False).to(dtype)
        with SafeStrides(contiguous=True):
            assert_same(ours, theirs, x, contiguous)
            assert_same(ours.to(memory_format=torch.channels_last), theirs, x, contiguous)
            with kernels_of_torch():
                assert_same(ours, theirs, x, contiguous)


@pytest.mark.parametrize("half", ["autocast", "bfloat16"])
@pytest.mark.parametrize("channels_last", [True, False])
def test_strided_pointwise_in_half_precision(channels_last: bool, half: str) -> None:
    x = image((3, 5, 8, 8), torch.float32, channels_last).requires_grad_()
    ours = PointwiseConv2d(5, 6, 2).to(memory_format=torch.channels_last)
    exact = ours(x)
    wanted = torch.autograd.grad(exact.square().sum(), [x, ours.weight])
    with SafeStrides() as safe, torch.autocast("cpu", torch.bfloat16, enabled=half == "autocast"):
        out = ours(x) if half == "autocast" else ours.bfloat16()(x.bfloat16())
        found = torch.autograd.grad(out.float().square().sum(), [x, ours.weight])
    assert safe.seen == 1 and out.dtype == torch.bfloat16
    assert out.is_contiguous(memory_format=torch.channels_last) or not channels_last
    for mine, own in zip((out, *found), (exact, *wanted), strict=True):
        torch.testing.assert_close(mine.float() / own.abs().max(), own / own.abs().max(), atol=0.05, rtol=0)


def test_a_strided_pointwise_convolution_by_torch_can_be_differentiated_twice() -> None:
    x, ours = image((2, 3, 4, 4), torch.float64).requires_grad_(), PointwiseConv2d(3, 2, 2).double()
    with kernels_of_torch():
        assert torch.autograd.gradgradcheck(ours, (x,))


def test_plain_layers_with_a_stride_become_safe_in_place() -> None:
    """Torch's own among all that a module holds, with what they hold themselves; no others."""
    torch.manual_seed(0)
    kept = [
        nn.Conv2d(5, 6, 1),
        nn.Conv2d(6, 6, 3, stride=2, padding=1),
        nn.Conv2d(6, 6, 1, stride=2, padding=1),
        nn.Conv1d(6, 6, 1, stride=2),
    ]
    taken = [nn.Conv2d(5, 6, 1, stride=2), nn.Conv2d(6, 4, 1, (1, 2), padding="valid", groups=2, bias=False)]
    contiguous = image((3, 5, 8, 8), channels_last=False)
    expected = taken[1](taken[0](contiguous))
    module = nn.Sequential(nn.Sequential(*kept), nn.ModuleList(taken))
    state = module.state_dict()
    assert with_safe_strides(module) is module
    assert all(type(layer) in (nn.Conv2d, nn.Conv1d) for layer in kept)
    assert all(type(layer) is PointwiseConv2d for layer in taken)
    assert module.state_dict().keys() == state.keys()
    with SafeStrides():
        found = taken[1](taken[0](contiguous.contiguous(memory_format=torch.channels_last)))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [*SIZES, (1, 3, 2, 1), (4, 7, 1, 1)])
@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("channels_last", [True, False])
def test_batch_norm_equals_torch(
    channels_last: bool, affine: bool, size: tuple[int, ...], dtype: torch.dtype
) -> None:
    channels = size[1]
    ours = BatchNorm2d(channels, affine).to(dtype)
    theirs = nn.BatchNorm2d(channels, affine=affine).to(dtype)
    if affine:
        nn.init.normal_(ours.weight)
        nn.init.normal_(ours.bias)
    for _ in range(3):
        x = image(size, dtype, channels_last)
        assert_same(ours, theirs, x)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for name in ("running_mean", "running_var"):
        mine, native = ours.state_dict()[name], theirs.state_dict()[name]
        torch.testing.assert_close(mine, native, atol=TOLERANCE[dtype], rtol=1e-5)
    assert_same(ours.eval(), theirs.eval(), image(size, dtype, channels_last))


def test_running_statistics_follow_the_first_batch() -> None:
    """(0, 1) moves by 0.1 towards the mean and the unbiased variance; evaluation uses the result."""
    norm, x = BatchNorm2d(3), image((4, 3, 5, 5))
    norm(x)
    variance, mean = torch.var_mean(x, (0, 2, 3))
    torch.testing.assert_close(norm.running_mean, 0.1 * mean)
    torch.testing.assert_close(norm.running_var, 0.9 + 0.1 * variance)
    expected = (x - 0.1 * mean[:, None, None]) / (0.9 + 0.1 * variance + 1e-5).sqrt()[:, None, None]
    torch.testing.assert_close(norm.eval()(x), expected)


def test_batch_norm_of_one_value_a_channel_is_refused_as_in_torch() -> None:
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        BatchNorm2d(3)(torch.randn(1, 3, 1, 1))


def test_batch_norm_under_a_large_mean() -> None:
    norm = BatchNorm2d(8)
    x = image((4, 8, 6, 6), torch.float32) + 100
    assert_same(norm.double(), nn.BatchNorm2d(8, affine=False).double(), x.double())
    out = BatchNorm2d(8)(x)
    torch.testing.assert_close(out, norm(x.double()).float(), atol=1e-4, rtol=0)


def test_small_images_take_the_native_batch_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice by size changes no statistics: both forms of one module agree over a training run."""
    x = image((2, 8, 6, 6), torch.float64)
    states = []
    for least in (2, 2**40):
        monkeypatch.setattr(modules, "WIDE_ROWS", least)
        norm = BatchNorm2d(8).double()
        norm(x), norm(x + 1)
        states.append(norm.state_dict())
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], atol=1e-12, rtol=0)


def test_shift_moves_by_one_pixel() -> None:
    x = image((2, 3, 5, 4), torch.float64).requires_grad_()
    out = Shift()(x)
    assert out.shape == x.shape
    assert torch.equal(out[:, :, :-1, :-1], x[:, :, 1:, 1:])
    assert not out[:, :, -1].any() and not out[:, :, :, -1].any()
    assert torch.autograd.gradcheck(Shift(), (x,))


def block() -> nn.Sequential:
    dilated, strided = DepthwiseConv2d(6, (3, 3), 1, 2), DepthwiseConv2d(6, (5, 5), 2)
    layers = [DepthwiseConv2d(6, (5, 5)), PointwiseConv2d(6, 6), BatchNorm2d(6), dilated, AvgPool(3), strided]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def test_gradients_of_the_mixing_weights_form_no_weight_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    formed: list[tuple[int, ...]] = []
    original = kernels.weight_gradient

    def counted(*arguments: object) -> Tensor:
        formed.append(arguments[2].shape)  # type: ignore[attr-defined]
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(kernels, "weight_gradient", counted)
    net, x = block(), image((2, 6, 8, 8))
    weights = torch.ones(2, requires_grad=True)

    def loss() -> Tensor:
        return net(weighted_sum([x, x.flip(3)], weights)).square().sum()

    (alone,) = torch.autograd.grad(loss(), [weights])
    assert formed == []
    together = torch.autograd.grad(loss(), [weights, *net.parameters()])
    assert len(formed) == 3
    torch.testing.assert_close(alone, together[0])
    loss().backward()
    assert len(formed) == 6
    for parameter, gradient in zip(net.parameters(), together[1:], strict=True):
        torch.testing.assert_close(parameter.grad, gradient)


@pytest.mark.parametrize("autocast", [True, False])
def test_layout_is_kept_forward_and_backward(autocast: bool) -> None:
    x = image((2, 6, 8, 8)).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        out = block()(x)
        assert out.is_contiguous(memory_format=torch.channels_last)
    (grad,) = torch.autograd.grad(out.float().sum(), [x])
    assert grad.is_contiguous(memory_format=torch.channels_last)


def test_autocast_stays_close_to_full_precision() -> None:
    net, x = block().eval(), image((2, 6, 8, 8))
    weights = torch.tensor([0.3, 0.7], requires_grad=True)
    exact = weighted_sum([net(x), net(-x)], weights)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = weighted_sum([net(x), net(-x)], weights)
    torch.testing.assert_close(mixed.float(), exact, atol=0.05, rtol=0.05)
    (grad,) = torch.autograd.grad(mixed.float().sum(), [weights])
    assert grad.dtype == torch.float32 and bool(grad.isfinite().all())


def test_a_second_derivative_is_refused() -> None:
    x = image((2, 6, 8, 8)).requires_grad_()
    (grad,) = torch.autograd.grad(BatchNorm2d(6)(x).pow(3).sum(), [x], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad.sum().backward()


def test_equal_steps_give_equal_numbers() -> None:
    x = image((4, 6, 16, 16))
    first, second = (torch.manual_seed(1) and block()(x) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(F.relu(first), F.relu(second))
