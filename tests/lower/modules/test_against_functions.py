"""Primitives beside plain functions of torch: types, values, what exported files write, costs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from complex_values import numbers
from eager_primitives import EAGER
from torch import Tensor, nn

from dslnas.export import complex_parts, parts
from dslnas.export.forms import FORMS
from dslnas.ir.primitives import REGISTRY
from dslnas.ir.primitives.registry import TypeRuleError
from dslnas.ir.primitives.window import kernel_of, padding_of, stride_of
from dslnas.ir.tensortype import Dim, Domain, TensorType, tensor
from dslnas.lower.modules.builders import module_of

MAP, SEQUENCE, VECTOR = (4, 10, 6), (4, 6), (4,)
LINE, COLUMN = (4, 1, 6), (4, 10, 1)
ACTIVATIONS = ("relu", "relu6", "tanh", "sigmoid", "hardsigmoid", "silu", "hardswish", "gelu")
WINDOWS: list[tuple[Any, Any]] = [(2, 2), (2, 1), ((3, 2), (2, 1)), ((4, 1), (1, 2)), (3, (2, 1))]
BOTH: list[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...]]] = [
    *((name, {}, (shape,)) for name in ACTIVATIONS for shape in (MAP, VECTOR)),
    ("leaky_relu", {"slope": 0.2}, (MAP,)),
    ("prelu", {"start": 0.3}, (MAP,)),
    *((name, {"axis": axis}, (MAP,)) for name in ("mean", "total") for axis in ("time", "frequency")),
    ("rescale", {"by": -0.5, "plus": 0.0}, (MAP,)),
    ("rescale", {"by": -1.0, "plus": 1.0}, (MAP,)),
    ("rescale", {"by": 2.0, "plus": 0.5}, (VECTOR,)),
    ("add", {}, (MAP, MAP, MAP)),
    ("add", {}, (LINE, MAP)),
    ("add", {}, (VECTOR, MAP, COLUMN)),
    ("multiply", {}, (MAP, MAP)),
    ("multiply", {}, (MAP, VECTOR)),
    ("multiply", {}, (LINE, MAP)),
    ("multiply", {}, (COLUMN, VECTOR)),
    *(("avgpool", {"kernel": kernel, "stride": stride}, (MAP,)) for kernel, stride in WINDOWS),
    ("fold", {"axis": "frequency"}, (MAP,)),
    ("fold", {"axis": "time"}, (MAP,)),
    ("fold", {"axis": "time"}, (SEQUENCE,)),
    ("bias", {}, (MAP,)),
    ("upsample", {"by": 2}, (MAP,)),
    ("upsample", {"by": (1, 3)}, (MAP,)),
    ("upsample_to", {}, ((4, 5, 3), (2, 9, 6))),
    ("bias", {}, (VECTOR,)),
    *((name, {"start": 0.25}, (shape,)) for name in ("scaled", "weighted") for shape in (MAP, VECTOR)),
    ("last", {}, (LINE,)),
    ("last", {}, (SEQUENCE,)),
    *((name, {"rate": 0.3}, (MAP,)) for name in ("dropout", "spatial_dropout", "drop_path")),
    ("dropout", {"rate": 0.3}, (VECTOR,)),
    ("subtract", {}, (MAP, MAP)),
    ("subtract", {}, (VECTOR, MAP)),
]
REAL: list[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...]]] = [
    *(("maxpool", {"kernel": kernel, "stride": stride}, (MAP,)) for kernel, stride in WINDOWS),
    ("root", {}, (MAP,)),
    ("softmax", {"axis": None}, (MAP,)),
    ("softmax", {"axis": None}, (VECTOR,)),
    ("softmax", {"axis": "time"}, (MAP,)),
    ("softmax", {"axis": "frequency"}, (MAP,)),
    ("softmax", {"axis": "time"}, (SEQUENCE,)),
    *((name, {"axis": axis}, (MAP,)) for name in ("max", "std") for axis in ("time", "frequency")),
    *((name, {"axis": "time"}, (SEQUENCE,)) for name in ("mean", "max", "std")),
    ("scores", {"heads": 2}, (SEQUENCE, (4, 1, 3))),
    ("attend", {}, ((2, 6, 3), LINE)),
    ("attend", {}, ((4, 6, 3), SEQUENCE)),
    ("multiply", {}, (SEQUENCE, VECTOR)),
    *(("ln", {"affine": affine}, (shape,)) for affine in (False, True) for shape in (MAP, SEQUENCE, VECTOR)),
    *(("gn", {"groups": groups, "affine": affine}, (MAP,)) for affine in (False, True) for groups in (1, 2)),
]
CASES = [
    pytest.param(name, attributes, tuple(tensor(domain, *shape) for shape in shapes))  # type: ignore[arg-type]
    for domain, cases in (("real", [*BOTH, *REAL]), ("complex", BOTH))
    for name, attributes, shapes in cases
]


# Whose weights are drawn: the function has others, so that shapes, costs and files alone are compared.
DRAWN = [
    *(
        ("linear", {"out": Dim.of(3), "bias": bias}, shape)
        for bias in (False, True)
        for shape in (MAP, SEQUENCE)
    ),
    ("linear", {"out": Dim.of(3), "bias": False}, VECTOR),
    *(("position", {}, shape) for shape in (MAP, SEQUENCE)),
    *(("token", {}, shape) for shape in (LINE, SEQUENCE)),
]
UNITS = [
    (name, {"hidden": Dim.of(3), "layers": layers, "bidirectional": both}, MAP)
    for name in ("gru", "lstm")
    for layers, both in ((1, False), (2, True))
]


@pytest.mark.parametrize(
    ("domain", "case"),
    [*(("real", case) for case in (*DRAWN, *UNITS)), *(("complex", case) for case in DRAWN)],
)
def test_a_layer_is_typed_counted_and_written(
    domain: Domain, case: tuple[str, dict[str, Any], tuple[int, ...]]
) -> None:
    name, attributes, shape = case
    inputs = (tensor(domain, *shape),)
    output, made = module(name, inputs, attributes)
    (x,) = drawn(inputs)
    found = made(x)
    assert found.shape == (3, *output.stored)
    given = {key: value.known if isinstance(value, Dim) else value for key, value in attributes.items()}
    assert EAGER[name](numbers(x) if domain == "complex" else x, **given).shape == (3, *output.shape)
    weights = sum(parameter.numel() for parameter in made.parameters())
    assert REGISTRY[name].cost(inputs, output, attributes).params == weights
    form = FORMS[name](inputs, output, attributes)
    names = {"torch": torch, "nn": nn, "x": x, **vars(parts), **vars(complex_parts)}
    names["own"] = eval(form.made.format(**form.holes), names)
    names["own"].load_state_dict(made.state_dict())
    torch.testing.assert_close(eval(form.called.format("x", module="own"), names), found)


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
    assert not (REGISTRY[name].stateless and made.state_dict())
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


@pytest.mark.parametrize("affine", [False, True])
def test_a_sub_spectral_norm_is_a_batch_norm_of_each_band(affine: bool) -> None:
    for domain in ("real", "complex"):
        type, attributes = tensor(domain, 4, 10, 6), {"bands": 5, "affine": affine}  # type: ignore[arg-type]
        output, made = module("ssn", (type,), attributes)
        assert output == type
        cost = REGISTRY["ssn"].cost((type,), type, attributes)
        assert cost.params == sum(one.numel() for one in made.parameters())
        _, band = module("bn", (tensor(domain, 4, 2, 6),), {"affine": affine})  # type: ignore[arg-type]
        (x,) = drawn((type,))
        for training in (True, False):
            found = made.train(training)(x.contiguous(memory_format=torch.channels_last))
            if training:
                wanted = torch.cat([band.train()(part) for part in x.split(2, dim=2)], dim=2)
                torch.testing.assert_close(found, wanted)
            form = FORMS["ssn"]((type,), output, attributes)
            own = eval(form.made.format(**form.holes), {**vars(parts), **vars(complex_parts)}).train(training)
            own.load_state_dict(made.state_dict(), strict=False)
            torch.testing.assert_close(own(x), found)
    with pytest.raises(TypeRuleError, match="4 bands of one size"):
        REGISTRY["ssn"].type_rule((type,), {"bands": 4, "affine": False}, "real")


CONVOLUTIONS = [
    {"kernel": 4, "stride": 1},
    {"kernel": (10, 4), "stride": 2},
    {"kernel": (2, 3), "stride": (2, 1), "dilation": 2},
    {"kernel": (5, 5), "stride": 1, "pad": (0, 2)},
    {"kernel": 1, "stride": (2, 1)},
    {"kernel": 1, "stride": 1, "pad": 1},
    {"kernel": 3, "stride": 2, "pad": 2},
]


@pytest.mark.parametrize("domain", ["real", "complex"])
@pytest.mark.parametrize("name", ["conv", "dwconv"])
@pytest.mark.parametrize("window", CONVOLUTIONS)
def test_windows_of_any_size_and_padding(name: str, window: dict[str, Any], domain: Domain) -> None:
    """Types are the shapes of functions and modules; exported files compute what modules do."""
    x = tensor(domain, 4, 10, 6)
    attributes = {"dilation": 1, "along": None, "pad": None} | window
    if name == "conv":
        attributes |= {"out": Dim.of(6), "groups": 2}
    output, made = module(name, (x,), attributes)
    given = {key: value for key, value in attributes.items() if key != "out"}
    given |= {"out": 6} if name == "conv" else {}
    assert EAGER[name](torch.zeros(3, *x.shape), **given).shape == (3, *output.shape)
    (value,) = drawn((x,))
    found = made(value.contiguous(memory_format=torch.channels_last))
    assert found.shape == (3, *output.stored)
    weights = sum(parameter.numel() for parameter in made.parameters())
    assert REGISTRY[name].cost((x,), output, attributes).params == weights
    form = FORMS[name]((x,), output, attributes)
    names = {
        "torch": torch,
        "nn": nn,
        "F": torch.nn.functional,
        "x": value,
        **vars(parts),
        **vars(complex_parts),
    }
    names["own"] = eval(form.made.format(**form.holes), names)
    names["own"].load_state_dict(made.state_dict())
    torch.testing.assert_close(
        eval(form.called.format("x", module="own"), names), found, rtol=1e-4, atol=1e-5
    )
    if kernel_of(attributes) == (1, 1) or domain == "complex":
        return
    ours = F.conv2d(
        torch.nn.functional.pad(value, [one for pads in reversed(padding_of(attributes)) for one in pads]),
        made.weight, None, stride_of(attributes), 0, attributes["dilation"], attributes.get("groups", 4),
    )  # fmt: skip
    torch.testing.assert_close(found, ours, rtol=1e-4, atol=1e-5)


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
