"""Primitives beside plain functions of torch: types, values, what exported files write, costs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from complex_values import numbers
from eager_primitives import EAGER
from torch import Tensor, nn

from dslnas.export import complex_parts, parts
from dslnas.export.forms import FORMS
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.tensortype import TensorType, tensor
from dslnas.lower.modules.builders import module_of

MAP, SEQUENCE, VECTOR = (4, 10, 6), (4, 6), (4,)
ACTIVATIONS = ("relu", "relu6", "tanh", "sigmoid", "hardsigmoid", "silu", "hardswish", "gelu")
BOTH: list[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...]]] = [
    *((name, {}, (shape,)) for name in ACTIVATIONS for shape in (MAP, VECTOR)),
    ("leaky_relu", {"slope": 0.2}, (MAP,)),
    ("prelu", {"start": 0.3}, (MAP,)),
]
REAL: list[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...]]] = [
    ("softmax", {"axis": None}, (MAP,)),
    ("softmax", {"axis": None}, (VECTOR,)),
    ("softmax", {"axis": "time"}, (MAP,)),
    ("softmax", {"axis": "frequency"}, (MAP,)),
    ("softmax", {"axis": "time"}, (SEQUENCE,)),
]
CASES = [
    pytest.param(name, attributes, tuple(tensor(domain, *shape) for shape in shapes))  # type: ignore[arg-type]
    for domain, cases in (("real", [*BOTH, *REAL]), ("complex", BOTH))
    for name, attributes, shapes in cases
]


def module(
    name: str, inputs: tuple[TensorType, ...], attributes: dict[str, Any]
) -> tuple[TensorType, nn.Module]:
    primitive = REGISTRY[name]
    output = primitive.type_rule(inputs, attributes, inputs[0].domain)
    torch.manual_seed(0)
    return output, module_of(primitive, inputs, output, attributes).eval()


def drawn(inputs: tuple[TensorType, ...], batch: int = 3) -> list[Tensor]:
    source = torch.Generator().manual_seed(1)
    return [3 * torch.randn(batch, *type.stored, generator=source) for type in inputs]


@pytest.mark.parametrize(("name", "attributes", "inputs"), CASES)
def test_a_primitive_is_what_its_type_its_cost_and_a_function_say(
    name: str, attributes: dict[str, Any], inputs: tuple[TensorType, ...]
) -> None:
    output, made = module(name, inputs, attributes)
    assert tuple(made.to("meta")(*(x.to("meta") for x in drawn(inputs))).shape) == (3, *output.stored)
    _, made = module(name, inputs, attributes)
    weights = sum(parameter.numel() for parameter in made.parameters())
    assert REGISTRY[name].cost(inputs, output, attributes).params == weights
    assert REGISTRY[name].stateless == (not made.state_dict())
    values = drawn(inputs)
    for layout in (torch.contiguous_format, torch.channels_last):
        laid = [x.contiguous(memory_format=layout) if x.dim() == 4 else x for x in values]
        found = made(*laid)
        is_complex = [type.domain == "complex" for type in inputs]
        read = [numbers(x) if part else x for x, part in zip(laid, is_complex, strict=True)]
        wanted = EAGER[name](*read, **attributes)
        torch.testing.assert_close(numbers(found) if wanted.is_complex() else found, wanted)


@pytest.mark.parametrize(("name", "attributes", "inputs"), CASES)
def test_exported_files_write_what_it_computes(
    name: str, attributes: dict[str, Any], inputs: tuple[TensorType, ...]
) -> None:
    output, made = module(name, inputs, attributes)
    form = FORMS[name](inputs, output, attributes)
    names = {"torch": torch, "nn": nn, "F": torch.nn.functional, **vars(parts), **vars(complex_parts)}
    if form.made:
        names["own"] = eval(form.made.format(**form.holes), names).eval()
        names["own"].load_state_dict(made.state_dict(), strict=False)
    values = drawn(inputs)
    names |= {f"x{place}": x for place, x in enumerate(values)}
    read = [f"x{place}" for place in range(len(values))]
    text = form.called.format(*read, module="own", inputs=_Joined(read))
    torch.testing.assert_close(eval(text, names), made(*values))


class _Joined(list[str]):
    def __format__(self, between: str) -> str:
        return (between or ", ").join(self)


@pytest.mark.parametrize(
    ("name", "axis", "shape"), [("softmax", "time", VECTOR), ("softmax", "frequency", SEQUENCE)]
)
def test_an_axis_that_is_not_there_is_refused(name: str, axis: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(TypeRuleError, match=f"has no {axis}") as caught:
        REGISTRY[name].type_rule((tensor("real", *shape),), {"axis": axis}, "real")
    assert caught.value.code == "N0305"
