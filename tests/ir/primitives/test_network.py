"""Primitives of networks: type rules tell the shapes that modules make, costs their weights."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Dim, TensorType, tensor
from dslnas.lower.modules.builders import module_of

WINDOWED = ("conv", "dwconv", "maxpool", "avgpool", "zero")
POINTWISE = ("relu", "relu6", "tanh", "bounded", "scaled", "bn", "inorm", "shift")


def made(name: str, inputs: tuple[TensorType, ...], **attributes: Any) -> TensorType:
    """The type that a primitive's rule says, once its module is seen to make that shape at that cost."""
    primitive = REGISTRY[name]
    output = primitive.type_rule(inputs, attributes, "real")
    module = module_of(primitive, inputs, output, attributes)
    values = [torch.rand(2, *type.shape) for type in inputs]
    for layout in (torch.contiguous_format, torch.channels_last):
        laid = [v.contiguous(memory_format=layout) if v.dim() == 4 else v for v in values]
        assert tuple(module(*laid).shape) == (2, *output.shape)
    weights = sum(parameter.numel() for parameter in module.parameters())
    assert primitive.cost(inputs, output, attributes).params == weights
    if primitive.stateless:
        assert not module.state_dict()
    return output


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(WINDOWED),
    st.integers(5, 12),
    st.integers(5, 12),
    st.sampled_from([1, 3, 5]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([1, 2]),
    st.sampled_from([None, "time", "frequency"]),
)
def test_padded_windows_keep_the_size_up_to_the_stride(
    name: str, frequency: int, time: int, kernel: int, stride: int, dilation: int, along: str | None
) -> None:
    x = tensor("real", 4, frequency, time)
    attributes: dict[str, Any] = {"stride": stride} | ({} if name == "zero" else {"kernel": kernel})
    if name in ("conv", "dwconv"):
        attributes |= {"dilation": dilation, "along": along, "pad": None, "groups": 1}
        along_f, along_t = along in (None, "frequency"), along in (None, "time")
    else:
        along_f = along_t = True
    if name == "conv":
        attributes["out"] = Dim.of(6)
    output = made(name, (x,), **attributes)
    expected = (-(-frequency // (stride if along_f else 1)), -(-time // (stride if along_t else 1)))
    assert output.shape == (6 if name == "conv" else 4, *expected)


@pytest.mark.parametrize("name", ["conv", "dwconv"])
def test_without_padding_the_size_shrinks_by_the_kernel(name: str) -> None:
    attributes: dict[str, Any] = {
        "kernel": (5, 1),
        "stride": 1,
        "dilation": 1,
        "along": None,
        "pad": 0,
        "groups": 1,
    }
    attributes |= {"out": Dim.of(3)} if name == "conv" else {}
    assert made(name, (tensor("real", 3, 5, 7),), **attributes).shape == (3, 1, 7)
    with pytest.raises(TypeRuleError, match="larger than its input"):
        REGISTRY[name].type_rule((tensor("real", 3, 4, 7),), attributes, "real")


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("affine", [False, True])
def test_pointwise_primitives_keep_the_type(name: str, affine: bool) -> None:
    norm = {"affine": affine}
    attributes: dict[str, Any] = {"bn": norm, "inorm": norm, "scaled": {"start": 1.0}}.get(name, {})
    x = tensor("real", 4, 5, 6)
    assert made(name, (x,), **attributes) == x


@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_zero_passes_nothing_in_the_layout_of_its_input(
    dtype: torch.dtype, layout: torch.memory_format
) -> None:
    domain = "complex" if dtype.is_complex else "real"
    x, attributes = tensor(domain, 4, 5, 6), {"stride": 2}
    module = module_of(
        REGISTRY["zero"], (x,), REGISTRY["zero"].type_rule((x,), attributes, domain), attributes
    )
    value = torch.full((2, 4, 5, 6), torch.inf, dtype=dtype).contiguous(memory_format=layout)
    result = module(value.requires_grad_())
    assert result.dtype == dtype and not result.requires_grad
    assert result.is_contiguous(memory_format=layout)
    assert torch.equal(result, torch.zeros(2, 4, 3, 3, dtype=dtype))


def test_an_instance_norm_over_a_single_value_is_refused() -> None:
    with pytest.raises(TypeRuleError, match="a single value a channel"):
        REGISTRY["inorm"].type_rule((tensor("real", 4, 1, 1),), {"affine": False}, "real")
    assert made("inorm", (tensor("real", 4, 1, 2),), affine=False).shape == (4, 1, 2)


@pytest.mark.parametrize("name", ["add", "multiply"])
def test_joins_are_of_one_type(name: str) -> None:
    x = tensor("real", 4, 5, 6)
    assert made(name, (x, x, x)) == x
    for other, code in (
        (tensor("real", 4, 5, 7), "N0302"),
        (tensor("real", 5, 5, 6), "N0303"),
        (tensor("complex", 4, 5, 6), "N0304"),
    ):
        with pytest.raises(TypeRuleError) as caught:
            REGISTRY[name].type_rule((x, other), {}, "real")
        assert caught.value.code == code


def test_concatenation_adds_channels() -> None:
    types = (tensor("real", 4, 5, 6), tensor("real", 1, 5, 6), tensor("real", 2, 5, 6))
    assert made("concat", types).shape == (7, 5, 6)


def test_the_head() -> None:
    pooled = made("global_pool", (tensor("real", 4, 5, 6),))
    assert pooled.shape == (4,)
    assert made("linear", (pooled,), out=Dim.of(10)).shape == (10,)
    with pytest.raises(TypeRuleError, match="works on features"):
        REGISTRY["linear"].type_rule((tensor("real", 4, 5, 6),), {"out": Dim.of(3)}, "real")


def test_multiply_accumulates_are_those_of_the_loops() -> None:
    x = tensor("real", 4, 8, 10)
    attributes = {"kernel": (3, 5), "stride": 2, "dilation": 1, "along": None, "pad": None, "groups": 1}
    output = tensor("real", 6, 4, 5)
    cost = REGISTRY["conv"].cost((x,), output, attributes)
    assert (cost.params, cost.macs) == (6 * 4 * 15, 6 * 4 * 15 * 20)
    depthwise = REGISTRY["dwconv"].cost((x,), tensor("real", 4, 4, 5), attributes)
    assert (depthwise.params, depthwise.macs) == (4 * 15, 4 * 15 * 20)
    linear = REGISTRY["linear"].cost((tensor("real", 4),), tensor("real", 10), {"out": Dim.of(10)})
    assert (linear.params, linear.macs) == (50, 40)
    assert prod(output.shape) == 120


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 7), st.integers(1, 6), st.integers(1, 3))
def test_recurrent_units_read_every_value_of_a_step(
    channels: int, frequency: int, time: int, hidden: int, layers: int
) -> None:
    size = (frequency, time) if frequency else (time,)
    x = tensor("real", channels, *size)
    attributes = {"hidden": Dim.of(hidden), "layers": layers}
    output = REGISTRY["gru"].type_rule((x,), attributes, "real")
    module = module_of(REGISTRY["gru"], (x,), output, attributes)
    values = torch.rand(2, *x.shape)
    assert tuple(module(values).shape) == (2, *output.shape) == (2, hidden, time)
    cost = REGISTRY["gru"].cost((x,), output, attributes)
    assert cost.params == sum(parameter.numel() for parameter in module.parameters())
    matrices = sum(weight.numel() for name, weight in module.named_parameters() if "weight" in name)
    assert cost.macs == matrices * time
    assert made("last", (output,)).shape == (hidden,)


def test_recurrent_units_go_forward_in_time_and_last_is_their_final_state() -> None:
    x = tensor("real", 3, 2, 5)
    attributes = {"hidden": Dim.of(4), "layers": 2}
    output = REGISTRY["gru"].type_rule((x,), attributes, "real")
    module = module_of(REGISTRY["gru"], (x,), output, attributes)
    last = module_of(REGISTRY["last"], (output,), tensor("real", 4), {})
    values = torch.rand(1, 3, 2, 5)
    states = module(values)
    later = values.clone()
    later[..., 3:] += 1.0
    changed = module(later)
    torch.testing.assert_close(states[..., :3], changed[..., :3])
    assert not torch.allclose(states[..., 3:], changed[..., 3:])
    torch.testing.assert_close(last(states), states[:, :, 4])


@pytest.mark.parametrize(("name", "x"), [("gru", tensor("real", 4)), ("last", tensor("real", 4, 5, 6))])
def test_sequences_have_a_time_axis_alone(name: str, x: TensorType) -> None:
    attributes = {"hidden": Dim.of(3), "layers": 1} if name == "gru" else {}
    with pytest.raises(TypeRuleError) as caught:
        REGISTRY[name].type_rule((x,), attributes, "real")
    assert caught.value.code == "N0305"
