"""The primitives that cast complex tensors to real ones: `magnitude`, `real_imag`."""

from __future__ import annotations

from ..tensortype import Domain, TensorType
from .registry import BOTH, Attributes, Primitive, TypeRuleError, register

Inputs = tuple[TensorType, ...]


def _magnitude_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if x.domain != "complex":
        raise TypeRuleError(
            "N0304", f"`magnitude` casts complex tensors, not `{x}`", "leave the cast out", named=[x]
        )
    return TensorType("real", x.channels, x.size)


def _real_imag_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """Twice the channels for a complex tensor; a real one is unchanged, so one text serves both domains."""
    (x,) = inputs
    return x if x.domain == "real" else TensorType("real", x.channels.scaled(2), x.size)


for _name, _rule, _doc in (
    ("magnitude", _magnitude_type, "the modulus of a complex tensor, which is real"),
    (
        "real_imag",
        _real_imag_type,
        "real and imaginary part of each channel side by side: twice the channels, real; "
        "a real tensor stays as it is",
    ),
):
    register(Primitive(_name, (), _rule, domains=BOTH, stateless=True, doc=_doc))
