"""The primitives that sum up an axis, which keeps size 1, so that a sum or product spreads them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..tensortype import Dim, Domain, TensorType
from . import saved
from .axes import AXIS, axis_of
from .registry import BOTH, REAL, Attributes, Primitive, register

Inputs = tuple[TensorType, ...]


def _reduced(name: str) -> Callable[[Inputs, Attributes, Domain], TensorType]:
    def rule(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        (x,) = inputs
        place = axis_of(name, x, attributes["axis"])
        return replace(x, size=(*x.size[:place], Dim.of(1), *x.size[place + 1 :]))

    return rule


for _name, _domains, _saves, _doc in (
    ("mean", BOTH, saved.nothing, "the mean along an axis, which keeps size 1"),
    ("total", BOTH, saved.nothing, "the sum along an axis, which keeps size 1"),
    ("max", REAL, saved.both, "the largest value along an axis, which keeps size 1"),
    (
        "std",
        REAL,
        saved.its_inputs,
        "the standard deviation along an axis, which keeps size 1: the root of the variance and 1e-5",
    ),
):
    register(
        Primitive(
            _name,
            (AXIS,),
            _reduced(_name),
            saves=_saves,
            domains=_domains,
            stateless=True,
            lanes=True,
            doc=_doc,
        )
    )
