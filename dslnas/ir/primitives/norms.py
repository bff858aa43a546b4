"""The norms as primitives, without weights unless `affine: true`."""

from __future__ import annotations

from ..tensortype import Domain, TensorType
from . import saved
from .axes import feature_map, spectrogram
from .registry import BOTH, REAL, Attributes, Cost, Parameter, Primitive, TypeRuleError, register

Inputs = tuple[TensorType, ...]

_AFFINE = Parameter("affine", "bool", False, keyword_only=True)
_WHITENS = "; of a complex tensor a whitening of its two parts"


def _norm_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """One scale and one shift per channel; three scales and two shifts per complex channel; of each band."""
    a_channel = (5 if output.domain == "complex" else 2) * attributes.get("bands", 1)
    return Cost(a_channel * output.shape[0] if attributes["affine"] else 0)


def _inorm_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "inorm")
    if all(size.known == 1 for size in x.size):
        help = "use `bn`, or fewer cells that halve the size"
        raise TypeRuleError(
            "N0307", f"`inorm` makes zeros of `{x}`: it has a single value a channel", help, named=[x]
        )
    return x


def _ssn_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x, bands = spectrogram(inputs, "ssn"), attributes["bands"]
    if x.size[0].known is not None and x.size[0].known % bands:
        help = "give a number of bands that divides it, or use `bn`"
        message = f"`ssn` cannot cut the frequencies of `{x}` into {bands} bands of one size"
        raise TypeRuleError("N0307", message, help, named=[x])
    return x


def _ln_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if x.channels.known == 1:
        help = "use `bn`, or make channels first: `-> conv(1, 16) -> ln`"
        raise TypeRuleError("N0307", f"`ln` makes zeros of `{x}`: it has a single channel", help, named=[x])
    return x


def _gn_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x, groups = spectrogram(inputs, "gn"), attributes["groups"]
    if x.channels.known is not None and x.channels.known % groups:
        raise TypeRuleError("N0303", f"{x.channels} channels are no {groups} groups of one size", named=[x])
    return x


for _name, _parameters, _rule, _domains, _over_batch, _lanes, _saves, _doc in (
    (
        "bn",
        (),
        feature_map("bn"),
        BOTH,
        True,
        True,
        saved.of_bn,
        f"batch norm with running statistics{_WHITENS}",
    ),
    (
        "ssn",
        (Parameter("bands", "int"),),
        _ssn_type,
        BOTH,
        True,
        False,
        saved.of_bn,
        "sub-spectral norm: a batch norm for each of `bands` bands of frequency (Chang et al., 2021)"
        f"{_WHITENS}",
    ),
    (
        "inorm",
        (),
        _inorm_type,
        BOTH,
        False,
        True,
        saved.of_inorm,
        f"instance norm: per example and channel{_WHITENS}",
    ),
    (
        "ln",
        (),
        _ln_type,
        REAL,
        False,
        False,
        saved.of_ln,
        "layer norm: per example and place, over the channels (Ba et al., 2016)",
    ),
    (
        "gn",
        (Parameter("groups", "int"),),
        _gn_type,
        REAL,
        False,
        False,
        saved.its_inputs,
        "group norm: per example and group of channels; `gn(1)` is over all of them (Wu and He, 2018)",
    ),
):
    register(
        Primitive(
            _name,
            (*_parameters, _AFFINE),
            _rule,
            _norm_cost,
            _saves,
            domains=_domains,
            bounded=True,
            lanes=_lanes,
            over_batch=_over_batch,
            doc=_doc,
        )
    )
