"""The axes of a tensor by their names, `frequency` and `time`, and whether it has both."""

from __future__ import annotations

from collections.abc import Callable

from ..tensortype import Domain, TensorType
from .registry import Attributes, Parameter, TypeRuleError

AXIS = Parameter("axis", "axis")
Inputs = tuple[TensorType, ...]


def spectrogram(inputs: Inputs, what: str) -> TensorType:
    """The only input, which has frequency and time; raises TypeRuleError N0305."""
    (x,) = inputs
    if len(x.size) != 2:
        raise TypeRuleError("N0305", f"`{what}` works on frequency x time, not on `{x}`", named=[x])
    return x


def feature_map(name: str) -> Callable[[Inputs, Attributes, Domain], TensorType]:
    """The type rule of what keeps the type of a tensor over frequency and time."""
    return lambda inputs, attributes, domain: spectrogram(inputs, name)


def axis_of(what: str, x: TensorType, axis: str) -> int:
    """The place of an axis in the size of a tensor, from 0 on; raises TypeRuleError N0305 if it has none.

    The last axis is time; of two, the first is frequency.
    """
    names = ("frequency", "time")[-len(x.size) :] if x.size else ()
    if axis not in names:
        has = f"`{x}` has no {axis}"
        raise TypeRuleError("N0305", f"`{what}({axis})`: {has}", "write it before a pool", named=[x])
    return names.index(axis)
