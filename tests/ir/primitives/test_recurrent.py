"""Recurrent units: their types, their costs, and what they read."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_modules import made

from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import Dim, TensorType, tensor
from dslnas.lower.modules.builders import module_of


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
