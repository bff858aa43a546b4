"""The primitives that lead from the complex domain to the real one, where a space says so."""

from __future__ import annotations

from ..tensortype import Domain, TensorType
from .registry import BOTH, Attributes, Primitive, TypeRuleError, builder, register

Inputs = tuple[TensorType, ...]


def _complex_in(cast: str, inputs: Inputs) -> TensorType:
    (x,) = inputs
    if x.domain != "complex":
        raise TypeRuleError("N0304", f"`{cast}` casts complex tensors, not `{x}`", "leave the cast out")
    return x


def _magnitude_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _complex_in("magnitude", inputs)
    return TensorType("real", x.channels, x.size)


def _real_imag_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _complex_in("real_imag", inputs)
    return TensorType("real", x.channels.scaled(2), x.size)


for _name, _rule, _doc in (
    ("magnitude", _magnitude_type, "the modulus of a complex tensor, which is real"),
    ("real_imag", _real_imag_type, "real parts, then imaginary parts: twice the channels, real"),
):
    register(Primitive(_name, (), _rule, builder(_name), domains=BOTH, stateless=True, doc=_doc))
