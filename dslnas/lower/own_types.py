"""Tensor types as a user's own primitive meets them: sizes that are known are whole numbers of Python.

A builder, a type rule and a cost are plain functions of their author: `x.channels` goes wherever Python and
torch take an `int`, `nn.GroupNorm(4, x.channels)`. What they hand back may hold such numbers too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil
from typing import Any, cast

from ..ir.tensortype import Dim, TensorType


class Whole(int):
    """A dimension that is known: an `int` that also answers as a `Dim` does."""

    @property
    def known(self) -> int:
        """Its value, which a `Dim` may lack."""
        return int(self)

    @property
    def symbols(self) -> frozenset[str]:
        """The symbols in it: none."""
        return frozenset()

    def divided(self, divisor: int) -> Whole:
        """Divided by a whole number, rounded up."""
        return Whole(ceil(Fraction(int(self), divisor)))

    def scaled(self, factor: int | Fraction) -> Whole:
        """Times a number, rounded up."""
        return Whole(ceil(int(self) * factor))

    def bind(self, values: Mapping[str, int]) -> int:
        """Its value, whatever symbols stand for."""
        return int(self)


def seen(type: TensorType) -> TensorType:
    """A type for a user's function: what is known of it as whole numbers, the rest as symbols."""
    return TensorType(type.domain, _seen(type.channels), tuple(map(_seen, type.size)))


def _seen(dim: Dim) -> Dim:
    return dim if dim.known is None else cast(Dim, Whole(dim.known))


def attributes_seen(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The values of parameters for a user's function; a number of channels like the sizes of a type."""
    return {key: _seen(value) if isinstance(value, Dim) else value for key, value in attributes.items()}


def said(result: TensorType) -> TensorType:
    """The type that a user's rule hands out, with dimensions; raises TypeError for what is no size."""
    return TensorType(result.domain, _said(result.channels), tuple(map(_said, _sizes(result.size))))


def _sizes(size: object) -> Iterable[object]:
    if isinstance(size, tuple | list):
        return size
    raise TypeError(f"its size is {size!r}: a tuple, `(frequency, time)`")


def _said(dim: object) -> Dim:
    if isinstance(dim, Dim):
        return dim
    if isinstance(dim, int) and not isinstance(dim, bool):
        return Dim.of(int(dim))
    raise TypeError(f"{dim!r} is no whole number; `//` divides whole numbers, `divided` rounds up")
