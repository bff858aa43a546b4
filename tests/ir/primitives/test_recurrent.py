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
@given(
    st.sampled_from(("gru", "lstm")),
    st.booleans(),
    *(st.integers(1, 4), st.integers(0, 3), st.integers(1, 7), st.integers(1, 6), st.integers(1, 3)),
)
def test_recurrent_units_read_every_value_of_a_step(
    name: str, both: bool, channels: int, frequency: int, time: int, hidden: int, layers: int
) -> None:
    size = (frequency, time) if frequency else (time,)
    x = tensor("real", channels, *size)
    attributes = {"hidden": Dim.of(hidden), "layers": layers, "bidirectional": both}
    output = REGISTRY[name].type_rule((x,), attributes, "real")
    module = module_of(REGISTRY[name], (x,), output, attributes)
    values = torch.rand(2, *x.shape)
    assert tuple(module(values).shape) == (2, *output.shape) == (2, hidden * (1 + both), time)
    cost = REGISTRY[name].cost((x,), output, attributes)
    assert cost.params == sum(parameter.numel() for parameter in module.parameters())
    matrices = sum(weight.numel() for name, weight in module.named_parameters() if "weight" in name)
    assert cost.macs == matrices * time
    assert made("last", (output,)).shape == (hidden * (1 + both),)


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_recurrent_units_go_forward_in_time_and_last_is_their_final_state(name: str) -> None:
    x = tensor("real", 3, 2, 5)
    attributes = {"hidden": Dim.of(4), "layers": 2}
    output = REGISTRY[name].type_rule((x,), attributes, "real")
    module = module_of(REGISTRY[name], (x,), output, attributes)
    last = module_of(REGISTRY["last"], (output,), tensor("real", 4), {})
    values = torch.rand(1, 3, 2, 5)
    states = module(values)
    later = values.clone()
    later[..., 3:] += 1.0
    changed = module(later)
    torch.testing.assert_close(states[..., :3], changed[..., :3])
    assert not torch.allclose(states[..., 3:], changed[..., 3:])
    torch.testing.assert_close(last(states), states[:, :, 4])


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_bidirectional_units_are_those_of_both_orders_of_time(name: str) -> None:
    """Of one layer the first half goes forward; the second is what its weights make of the reverse."""
    x, hidden = tensor("real", 3, 2, 5), Dim.of(4)
    both, forward = (
        module_of(REGISTRY[name], (x,), REGISTRY[name].type_rule((x,), one, "real"), one)
        for one in ({"hidden": hidden, "layers": 1, "bidirectional": way} for way in (True, False))
    )
    values = torch.rand(2, 3, 2, 5)
    found = both(values)
    for half, suffix, order in ((0, "", values), (1, "_reverse", values.flip(-1))):
        weights = {key: both.state_dict()[key + suffix] for key in forward.state_dict()}
        forward.load_state_dict(weights)
        wanted = forward(order)
        torch.testing.assert_close(found[:, 4 * half : 4 * half + 4], wanted.flip(-1) if half else wanted)


@pytest.mark.parametrize("name", ["gru", "lstm"])
@pytest.mark.parametrize("both", [False, True])
def test_recurrent_units_save_what_is_planned(name: str, both: bool) -> None:
    """By what autograd keeps beside the weights; oneDNN rounds some of its vectors up."""
    if not torch.backends.mkldnn.is_available():
        pytest.skip("torch is built without oneDNN")
    x = tensor("real", 40, 2, 12)
    attributes = {"hidden": Dim.of(32), "layers": 2, "bidirectional": both}
    output = REGISTRY[name].type_rule((x,), attributes, "real")
    module = module_of(REGISTRY[name], (x,), output, attributes)
    weights = {one.untyped_storage().data_ptr() for one in module.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def pack(one: torch.Tensor) -> torch.Tensor:
        kept[one.untyped_storage().data_ptr()] = one
        return one

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda one: one):
        assert module(torch.rand(8, *x.shape, requires_grad=True)).requires_grad
    found = sum(one.untyped_storage().nbytes() for at, one in kept.items() if at not in weights) / 4 / 8
    assert REGISTRY[name].saves((x,), output, attributes).values == pytest.approx(found, rel=0.08)


@pytest.mark.parametrize(
    ("name", "x"),
    [("gru", tensor("real", 4)), ("lstm", tensor("real", 4)), ("last", tensor("real", 4, 5, 6))],
)
def test_sequences_have_a_time_axis_alone(name: str, x: TensorType) -> None:
    attributes = {} if name == "last" else {"hidden": Dim.of(3), "layers": 1}
    with pytest.raises(TypeRuleError) as caught:
        REGISTRY[name].type_rule((x,), attributes, "real")
    assert caught.value.code == "N0305"
