"""The recurrent primitives: gated recurrent units (`gru`) over time, and the `last` step of a sequence."""

from __future__ import annotations

from math import prod

from ..tensortype import Domain, TensorType
from . import saved
from .registry import BOTH, Attributes, Cost, Parameter, Primitive, Saved, TypeRuleError, register

Inputs = tuple[TensorType, ...]
GATES = 3  # of a gated recurrent unit: reset, update, new


def _gru_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """`C x F x T`, or `C x T`, to `hidden x T`: each time step reads all channels and frequencies."""
    (x,) = inputs
    if not x.size:
        raise TypeRuleError(
            "N0305", f"`gru` reads steps of time, and `{x}` has none", "put it before a pool", named=[x]
        )
    return TensorType(x.domain, attributes["hidden"], x.size[-1:])


def features_of(x: TensorType) -> int:
    """The number of features per time step: channels x frequencies."""
    return prod(x.shape[:-1])


def _gru_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """Two matrices and two biases per gate and layer; the matrices are applied at every time step."""
    hidden, steps = output.shape
    weights = sum(
        GATES * hidden * (read + hidden)
        for read in (features_of(inputs[0]), *[hidden] * (attributes["layers"] - 1))
    )
    return Cost(weights + attributes["layers"] * 2 * GATES * hidden, weights * steps)


def _gru_saves(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Each layer saves its input and, at every time step, its gates twice and its new state."""
    hidden, steps = output.shape
    read = (inputs[0].numbers, *[output.numbers] * (attributes["layers"] - 1))
    return Saved(values=sum(read) + attributes["layers"] * steps * hidden * (2 * GATES + 1))


def _last_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if len(x.size) != 1:
        raise TypeRuleError(
            "N0305",
            f"`last` takes the last step of a sequence, not of `{x}`",
            "`-> gru(256) -> last`",
            named=[x],
        )
    return TensorType(x.domain, x.channels, ())


register(
    Primitive(
        "gru",
        (Parameter("hidden", "channels"), Parameter("layers", "int", 1, keyword_only=True)),
        _gru_type,
        _gru_cost,
        _gru_saves,
        doc="gated recurrent units (Cho et al., 2014) over time: a step reads all channels and frequencies",
    )
)
register(
    Primitive(
        "last",
        (),
        _last_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        doc="the last step of a sequence",
    )
)
