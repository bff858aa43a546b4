"""The primitives of networks over `(channels, frequency, time)`: declarations, type rules and costs.

Their torch modules are built in `lower/modules/builders.py`.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from ..tensortype import Domain, TensorType
from . import saved
from .activations import same
from .axes import feature_map, spectrogram
from .registry import (
    BOTH,
    CHANNELS_OF_PLACE,
    Attributes,
    Cost,
    Parameter,
    Primitive,
    TypeRuleError,
    register,
)
from .window import kernel_of, windowed

Inputs = tuple[TensorType, ...]


# --- convolutions ------------------------------------------------------------------------------------------


def _conv_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "conv")
    groups = attributes["groups"]
    for channels, what in ((x.channels, "gets"), (attributes["out"], "makes")):
        if channels.known is not None and channels.known % groups:
            message = f"`conv` in {groups} groups {what} {channels} channels, which they do not divide"
            raise TypeRuleError("N0303", message)
    return TensorType(x.domain, attributes["out"], windowed(x, attributes))


def _weighted(x: TensorType, weights: int, uses: int) -> Cost:
    """The cost of weights that are each used `uses` times; a complex weight counts 2, a complex product 4."""
    if x.domain == "complex":
        return Cost(2 * weights, 4 * weights * uses)
    return Cost(weights, weights * uses)


def _conv_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    weights = inputs[0].shape[0] // attributes["groups"] * output.shape[0] * prod(kernel_of(attributes))
    return _weighted(inputs[0], weights, prod(output.shape[1:]))


def _dwconv_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "dwconv")
    return TensorType(x.domain, x.channels, windowed(x, attributes))


def _dwconv_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    weights = output.shape[0] * prod(kernel_of(attributes))
    return _weighted(inputs[0], weights, prod(output.shape[1:]))


_STRIDE = Parameter("stride", "stride", 1)
_ALONG = Parameter("along", "axis", None, keyword_only=True)
_PAD = Parameter("pad", "padding", None, keyword_only=True)

register(
    Primitive(
        "conv",
        (
            Parameter("kernel", "kernel"),
            Parameter("out", "channels", CHANNELS_OF_PLACE),
            _STRIDE,
            Parameter("dilation", "int", 1, keyword_only=True),
            _ALONG,
            _PAD,
            Parameter("groups", "int", 1, keyword_only=True),
        ),
        _conv_type,
        _conv_cost,
        saved.of_conv,
        domains=BOTH,
        lanes=True,
        doc="convolution without bias; `out` channels are those of the place where none are given",
    )
)
register(
    Primitive(
        "dwconv",
        (
            Parameter("kernel", "kernel"),
            _STRIDE,
            Parameter("dilation", "int", 1, keyword_only=True),
            _ALONG,
            _PAD,
        ),
        _dwconv_type,
        _dwconv_cost,
        saved.of_dwconv,
        domains=BOTH,
        lanes=True,
        doc="depthwise convolution without bias: one filter a channel",
    )
)

# --- pools, shift, scales ----------------------------------------------------------------------------------


def _pool_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "a pool")
    return TensorType(x.domain, x.channels, windowed(x, attributes))


def _tiles_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """Sizes over the stride, rounded up; rounded down where only whole tiles count."""
    unpadded = {"kernel": attributes["stride"], "pad": 0} if attributes.get("whole") else {}
    return _pool_type(inputs, {**attributes, **unpadded}, domain)


def _zero_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "zero")
    return TensorType(x.domain, x.channels, windowed(x, attributes))


for _name, _saves, _doc in (
    (
        "maxpool",
        saved.of_maxpool,
        "the largest value of each window; of complex ones that of the largest modulus",
    ),
    ("avgpool", saved.of_avgpool, "the mean of each window, padding left out"),
):
    register(
        Primitive(
            _name,
            (Parameter("kernel", "kernel"), _STRIDE),
            _pool_type,
            saves=_saves,
            domains=BOTH,
            stateless=True,
            lanes=True,
            doc=_doc,
        )
    )
register(
    Primitive(
        "tilepool",
        (Parameter("stride", "stride"), Parameter("whole", "bool", False, keyword_only=True)),
        _tiles_type,
        saves=saved.of_maxpool,
        domains=BOTH,
        stateless=True,
        lanes=True,
        doc="the largest value of each tile of `stride` x `stride`, cut off at the far edges, or left out "
        "there where only `whole` tiles count; of complex ones that of the largest modulus",
    )
)
register(
    Primitive(
        "zero",
        (_STRIDE,),
        _zero_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        bounded=True,
        lanes=True,
        doc="zeros in place of the input: nothing passes, no gradient either",
    )
)
register(
    Primitive(
        "shift",
        (),
        feature_map("shift"),
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        lanes=True,
        doc="the input moved by one towards the origin on both axes, zeros moving in",
    )
)


def _scaled_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    return Cost(params=output.shape[0])


def _bias_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    return Cost(params=output.stored[0])


register(
    Primitive(
        "scaled",
        (Parameter("start", "number", 1.0),),
        same,
        _scaled_cost,
        saved.its_inputs,
        domains=BOTH,
        lanes=True,
        doc="times a real number for each channel, which is learned and begins at `start`",
    )
)
register(
    Primitive(
        "weighted",
        (Parameter("start", "number", 1.0),),
        same,
        lambda inputs, output, attributes: Cost(params=1),
        saved.its_inputs,
        domains=BOTH,
        doc="times one real number, which is learned and begins at `start`: "
        "`x + (x -> block -> weighted(0))` (Bachlechner et al., 2021)",
    )
)
register(
    Primitive(
        "bias",
        (),
        same,
        _bias_cost,
        saved.nothing,
        domains=BOTH,
        lanes=True,
        doc="plus a number for each channel, which is learned and begins at 0: `conv(3) -> bias`",
    )
)
register(
    Primitive(
        "rescale",
        (Parameter("by", "number"), Parameter("plus", "number", 0.0, keyword_only=True)),
        same,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        lanes=True,
        doc="`by` times x, and `plus`: what `0.5 * x`, `x / 2` and `1 - x` are",
    )
)

# --- larger sizes -------------------------------------------------------------------------------------------


def _upsample_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "upsample")
    by = attributes["by"]
    factors = by if isinstance(by, tuple) else (by, by)
    return replace(x, size=tuple(size.repeated(factor) for size, factor in zip(x.size, factors, strict=True)))


def _upsample_to_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x, like = (spectrogram((one,), "upsample_to") for one in inputs)
    return replace(x, size=like.size)


register(
    Primitive(
        "upsample",
        (Parameter("by", "stride", 2),),
        _upsample_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        lanes=True,
        doc="each value `by` times along frequency and along time, or by a pair of numbers (nearest "
        "neighbour)",
    )
)
register(
    Primitive(
        "upsample_to",
        (),
        _upsample_to_type,
        saves=saved.nothing,
        inputs=2,
        reads=("x", "y"),
        domains=BOTH,
        stateless=True,
        doc="`x` at the size of `y`, of whose places each takes the value of `x` that lies there (nearest "
        "neighbour): what was halved twice meets what was not",
    )
)

# --- the head ----------------------------------------------------------------------------------------------


def _global_pool_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = spectrogram(inputs, "global_pool")
    return TensorType(x.domain, x.channels, ())


def _linear_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    return TensorType(x.domain, attributes["out"], x.size)


def _linear_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    cost = _weighted(inputs[0], inputs[0].shape[0] * output.shape[0], prod(output.shape[1:]))
    return replace(cost, params=cost.params + output.stored[0] * attributes.get("bias", True))


register(
    Primitive(
        "global_pool",
        (),
        _global_pool_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        doc="the mean over frequency and time",
    )
)
register(
    Primitive(
        "linear",
        (Parameter("out", "channels"), Parameter("bias", "bool", True, keyword_only=True)),
        _linear_type,
        _linear_cost,
        saved.its_inputs,
        domains=BOTH,
        doc="fully connected, with `bias`: of features, or of the channels at each place and step",
    )
)
