"""Primitives of networks: type rules tell the shapes that modules make, costs their weights."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest
import torch
from typed_modules import made

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Dim, tensor
from dslnas.lower.modules.builders import module_of

POINTWISE = ("relu", "relu6", "tanh", "bounded", "scaled", "bn", "inorm", "shift")


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


def test_the_head() -> None:
    pooled = made("global_pool", (tensor("real", 4, 5, 6),))
    assert pooled.shape == (4,)
    assert made("linear", (pooled,), out=Dim.of(10)).shape == (10,)
    assert made("linear", (tensor("real", 4, 5, 6),), out=Dim.of(3), bias=False).shape == (3, 5, 6)


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
