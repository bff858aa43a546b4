"""The primitives that combine or split tensors: add, multiply, concatenate, slice, shuffle channels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

from ..tensortype import Dim, Domain, TensorType
from . import saved
from .axes import axis_of, spectrogram
from .registry import BOTH, Attributes, Parameter, Primitive, TypeRuleError, register

Inputs = tuple[TensorType, ...]
CAST = "cast the complex one: `-> magnitude` or `-> real_imag`"


def joined(what: str, inputs: Inputs) -> TensorType:
    """The common type of tensors that are combined elementwise; raises TypeRuleError if they differ."""
    first = inputs[0]
    for other in inputs[1:]:
        if other.domain != first.domain:
            raise TypeRuleError("N0304", f"{what} joins a real and a complex tensor", CAST)
        if other.size != first.size:
            raise TypeRuleError("N0302", f"{what} joins tensors of different size")
        if other.channels != first.channels:
            raise TypeRuleError("N0303", f"{what} joins tensors of different channels")
    return first


def met(what: str, inputs: Inputs) -> TensorType:
    """The type of a sum or product: that of all, or of the one that the others are spread over.

    An axis of size 1 is spread along frequency or time, a vector over both; channels never. One of the
    tensors has the type of the result, so that no two are spread over each other. Raises TypeRuleError.
    """
    whole = max(inputs, key=lambda one: (len(one.size), -sum(size.known == 1 for size in one.size)))
    for other in inputs:
        if not _spreads(other, whole):
            _refuse(what, other, whole)
    return whole


def _refuse(what: str, x: TensorType, whole: TensorType) -> NoReturn:
    """Raises the TypeRuleError for a tensor that cannot be spread over another."""
    if x.domain == whole.domain and _spreads(replace(x, channels=whole.channels), whole):
        raise TypeRuleError("N0303", f"{what} joins tensors of different channels")
    crossed = len(x.size) == len(whole.size) and any(size.known == 1 for size in x.size)
    if crossed and any(size.known == 1 for size in whole.size) and x.channels == whole.channels:
        help = "join one of them to a tensor of the whole size first: `(x * a) * b`"
        raise TypeRuleError("N0302", f"{what} joins tensors that would be spread over each other", help)
    joined(what, (whole, x))
    raise AssertionError("types that are equal meet")


def _spreads(x: TensorType, over: TensorType) -> bool:
    """Whether a tensor is of a type, or can be spread over it."""
    if (x.domain, x.channels) != (over.domain, over.channels):
        return False
    if not x.size:
        return True
    return len(x.size) == len(over.size) and all(
        own == wanted or own.known == 1 for own, wanted in zip(x.size, over.size, strict=True)
    )


def _join(what: str) -> Callable[[Inputs, Attributes, Domain], TensorType]:
    return lambda inputs, attributes, domain: met(what, inputs)


def _concat_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    first = inputs[0]
    for other in inputs[1:]:
        if other.domain != first.domain:
            raise TypeRuleError("N0304", "`concat` joins a real and a complex tensor", CAST)
        if other.size != first.size:
            raise TypeRuleError(
                "N0302",
                f"`concat` joins tensors of different size: `{first}` and `{other}`",
                named=[first, other],
            )
    channels = first.channels
    for other in inputs[1:]:
        channels = channels + other.channels
    return TensorType(first.domain, channels, first.size)


for _name, _rule, _saves, _doc in (
    ("add", _join("`+`"), saved.nothing, "the sum; a tensor of size 1 along an axis, or a vector, is spread"),
    (
        "multiply",
        _join("`*`"),
        saved.its_inputs,
        "the product; a tensor of size 1 along an axis, or a vector, is spread",
    ),
    ("concat", _concat_type, saved.nothing, "channels side by side"),
):
    register(
        Primitive(
            _name,
            (),
            _rule,
            saves=_saves,
            inputs=None,
            domains=BOTH,
            stateless=True,
            multiplies=_name == "multiply",
            lanes=_name != "concat",
            doc=_doc,
        )
    )
register(
    Primitive(
        "subtract",
        (),
        _join("`-`"),
        saves=saved.nothing,
        inputs=2,
        domains=BOTH,
        stateless=True,
        lanes=True,
        doc="the difference: the first less the second",
    )
)


def _slice_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    wanted = attributes["out"] + attributes["first"]
    if x.channels.known is not None and wanted.known is not None and wanted.known > x.channels.known:
        raise TypeRuleError("N0303", f"`slice` reads up to channel {wanted} of {x.channels}")
    return TensorType(x.domain, attributes["out"], x.size)


register(
    Primitive(
        "slice",
        (Parameter("first", "count"), Parameter("out", "channels")),
        _slice_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        doc="`out` channels, from the one numbered `first` (from 0) on",
    )
)


def _fold_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """`C x F x T` to `CF x 1 x T`, along time to `CT x F x 1`; of `C x T` along time `CT`."""
    (x,) = inputs
    axis = attributes.get("axis", "frequency")
    if axis == "frequency":
        spectrogram(inputs, "fold")
    place = axis_of("fold", x, axis)
    channels, folded_in = x.channels, x.size[place]
    if channels.known is not None:
        folded = folded_in.repeated(channels.known)
    elif folded_in.known is not None:
        folded = channels.repeated(folded_in.known)
    else:
        help = "fold the input, before channels are chosen: `input -> fold`"
        message = f"`fold` of `{x}`: how many channels that makes depends on two numbers"
        raise TypeRuleError("N0307", message, help, named=[x])
    left = (*x.size[:place], *[Dim.of(1)] * (len(x.size) == 2), *x.size[place + 1 :])
    return TensorType(x.domain, folded, left)


register(
    Primitive(
        "fold",
        (Parameter("axis", "axis", "frequency"),),
        _fold_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        doc="every frequency of every channel as a channel of its own: what follows goes along time alone; "
        "`fold(time)` makes channels of steps, and features of a sequence",
    )
)


def _shuffle_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    groups = attributes["groups"]
    if len(x.size) != 2:
        raise TypeRuleError("N0305", f"`shuffle` works on frequency x time, not on `{x}`", named=[x])
    if x.channels.known is not None and x.channels.known % groups:
        raise TypeRuleError("N0307", f"{x.channels} channels are no {groups} groups of one size")
    return x


register(
    Primitive(
        "shuffle",
        (Parameter("groups", "int"),),
        _shuffle_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        doc="the first channel of each of `groups` groups, then the second of each, and so on",
    )
)
