"""The activations as primitives: each value by itself, and `softmax`, which shares out 1 along an axis.

Of a complex tensor they bend the real and the imaginary part by themselves, as split activations do (Trabelsi
et al., 2018), unless they say otherwise.
"""

from __future__ import annotations

from ..tensortype import Domain, TensorType
from . import saved
from .axes import axis_of
from .registry import BOTH, Attributes, Cost, Parameter, Primitive, register

Inputs = tuple[TensorType, ...]


def same(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """The type rule of what works value by value."""
    return inputs[0]


_SPLIT = "; of a complex tensor, of its real and of its imaginary part"
_SLOPE = Parameter("slope", "number", 0.01)
for _name, _parameters, _saves, _bounded, _doc in (
    ("relu", (), saved.its_output, False, "max(x, 0)"),
    ("relu6", (), saved.its_inputs, True, "min(max(x, 0), 6)"),
    ("leaky_relu", (_SLOPE,), saved.its_inputs, False, "x where it is positive, else `slope` times x"),
    ("tanh", (), saved.its_output, True, "hyperbolic tangent"),
    ("sigmoid", (), saved.its_output, True, "1 / (1 + exp(-x)), between 0 and 1"),
    ("hardsigmoid", (), saved.its_inputs, True, "relu6(x + 3) / 6, a sigmoid of straight lines"),
    ("silu", (), saved.its_inputs, False, "x * sigmoid(x), also called swish"),
    ("hardswish", (), saved.its_inputs, False, "x * hardsigmoid(x) (Howard et al., 2019)"),
    (
        "gelu",
        (),
        saved.its_inputs,
        False,
        "x times the share of a normal distribution below x (Hendrycks and Gimpel, 2016)",
    ),
):
    register(
        Primitive(
            _name,
            _parameters,
            same,
            saves=_saves,
            domains=BOTH,
            stateless=True,
            bounded=_bounded,
            lanes=True,
            doc=f"{_doc}{_SPLIT}",
        )
    )


def _prelu_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """A slope for each channel, and of a complex one for each of its parts."""
    return Cost(params=output.shape[0] * (2 if output.domain == "complex" else 1))


register(
    Primitive(
        "prelu",
        (Parameter("start", "number", 0.25),),
        same,
        _prelu_cost,
        saved.its_inputs,
        domains=BOTH,
        lanes=True,
        doc="x where it is positive, else times a slope that each channel learns and that begins at `start` "
        "(He et al., 2015); of a complex tensor, of its real and of its imaginary part",
    )
)
register(
    Primitive(
        "bounded",
        (),
        same,
        saves=saved.of_bounded,
        domains=BOTH,
        stateless=True,
        bounded=True,
        lanes=True,
        doc="x / (1 + |x|), which is below 1; of a complex number by its modulus, so that its phase stays",
    )
)


register(
    Primitive(
        "root",
        (),
        same,
        saves=saved.its_output,
        stateless=True,
        lanes=True,
        doc="the root of max(x, 0) + 1e-5, as of a variance",
    )
)


def _softmax_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if attributes["axis"] is not None:
        axis_of("softmax", x, attributes["axis"])
    return x


register(
    Primitive(
        "softmax",
        (Parameter("axis", "axis", None),),
        _softmax_type,
        saves=saved.its_output,
        stateless=True,
        bounded=True,
        doc="exp(x), so shared out that it adds up to 1 over the channels of each place, or along an `axis`",
    )
)
