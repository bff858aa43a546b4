"""The axes of a tensor by their names, `frequency` and `time`."""

from __future__ import annotations

from ..tensortype import TensorType
from .registry import Parameter, TypeRuleError

AXIS = Parameter("axis", "axis")


def axis_of(what: str, x: TensorType, axis: str) -> int:
    """The place of an axis in the size of a tensor, from 0 on; raises TypeRuleError N0305 if it has none.

    The last axis is time; of two, the first is frequency.
    """
    names = ("frequency", "time")[-len(x.size) :] if x.size else ()
    if axis not in names:
        has = f"`{x}` has no {axis}"
        raise TypeRuleError("N0305", f"`{what}({axis})`: {has}", "write it before a pool", named=[x])
    return names.index(axis)
