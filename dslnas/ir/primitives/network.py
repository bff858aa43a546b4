"""The primitives of networks over `(channels, frequency, time)`: declarations, type rules and costs.

Their torch modules are built in `lower/modules/builders.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod

from ..tensortype import Domain, TensorType
from . import saved
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
from .window import check_padded, kernel_of, windowed

Inputs = tuple[TensorType, ...]


# --- shared pieces of type rules ---------------------------------------------------------------------------


def _spectrogram(inputs: Inputs, what: str) -> TensorType:
    (x,) = inputs
    if len(x.size) != 2:
        raise TypeRuleError("N0305", f"`{what}` works on frequency x time, not on `{x}`", named=[x])
    return x


def _same(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    return inputs[0]


# --- convolutions ------------------------------------------------------------------------------------------


def _conv_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _spectrogram(inputs, "conv")
    check_padded("conv", attributes)
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
    x = _spectrogram(inputs, "dwconv")
    return TensorType(x.domain, x.channels, windowed(x, attributes))


def _dwconv_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    weights = output.shape[0] * prod(kernel_of(attributes))
    return _weighted(inputs[0], weights, prod(output.shape[1:]))


_STRIDE = Parameter("stride", "int", 1)
_ALONG = Parameter("along", "axis", None, keyword_only=True)
_PAD = Parameter("pad", "count", None, keyword_only=True)

register(
    Primitive(
        "conv",
        (
            Parameter("kernel", "window"),
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

# --- pools, shift, normalisation, activations --------------------------------------------------------------


def _pool_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _spectrogram(inputs, "a pool")
    return TensorType(x.domain, x.channels, windowed(x, attributes))


def _tiles_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """Sizes over the stride, rounded up; rounded down where only whole tiles count."""
    unpadded = {"kernel": attributes["stride"], "pad": 0} if attributes.get("whole") else {}
    return _pool_type(inputs, {**attributes, **unpadded}, domain)


def _zero_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _spectrogram(inputs, "zero")
    return TensorType(x.domain, x.channels, windowed(x, attributes))


def _norm_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """One scale and one shift per channel; three scales and two shifts per complex channel."""
    a_channel = 5 if output.domain == "complex" else 2
    return Cost(a_channel * output.shape[0] if attributes.get("affine") else 0)


def _feature_map(name: str) -> Callable[[Inputs, Attributes, Domain], TensorType]:
    def rule(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        return _spectrogram(inputs, name)

    return rule


def _inorm_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _spectrogram(inputs, "inorm")
    if all(size.known == 1 for size in x.size):
        help = "use `bn`, or fewer cells that halve the size"
        raise TypeRuleError(
            "N0307", f"`inorm` makes zeros of `{x}`: it has a single value a channel", help, named=[x]
        )
    return x


_WHITENS = "; of a complex tensor a whitening of its two parts"

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
        (Parameter("stride", "int"), Parameter("whole", "bool", False, keyword_only=True)),
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
        _feature_map("shift"),
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        lanes=True,
        doc="the input moved by one towards the origin on both axes, zeros moving in",
    )
)
register(
    Primitive(
        "bn",
        (Parameter("affine", "bool", False, keyword_only=True),),
        _feature_map("bn"),
        _norm_cost,
        saved.of_bn,
        domains=BOTH,
        bounded=True,
        lanes=True,
        over_batch=True,
        doc=f"batch norm with running statistics{_WHITENS}",
    )
)
register(
    Primitive(
        "inorm",
        (Parameter("affine", "bool", False, keyword_only=True),),
        _inorm_type,
        _norm_cost,
        saved.of_inorm,
        domains=BOTH,
        bounded=True,
        lanes=True,
        doc=f"instance norm: per example and channel{_WHITENS}",
    )
)

_SPLIT = "; of a complex tensor, of its real and of its imaginary part"
for _name, _saves, _bounded, _doc in (
    ("relu", saved.its_output, False, f"max(x, 0){_SPLIT}"),
    ("relu6", saved.its_inputs, True, f"min(max(x, 0), 6){_SPLIT}"),
    ("tanh", saved.its_output, True, f"hyperbolic tangent{_SPLIT}"),
):
    register(
        Primitive(
            _name,
            (),
            _same,
            saves=_saves,
            domains=BOTH,
            stateless=True,
            bounded=_bounded,
            lanes=True,
            doc=_doc,
        )
    )

register(
    Primitive(
        "bounded",
        (),
        _same,
        saves=saved.of_bounded,
        domains=BOTH,
        stateless=True,
        bounded=True,
        lanes=True,
        doc="x / (1 + |x|), which is below 1; of a complex number by its modulus, so that its phase stays",
    )
)


def _scaled_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    return Cost(params=output.shape[0])


register(
    Primitive(
        "scaled",
        (Parameter("start", "number", 1.0),),
        _same,
        _scaled_cost,
        saved.its_inputs,
        domains=BOTH,
        lanes=True,
        doc="times a real number for each channel, which is learned and begins at `start`",
    )
)

# --- the head ----------------------------------------------------------------------------------------------


def _global_pool_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    x = _spectrogram(inputs, "global_pool")
    return TensorType(x.domain, x.channels, ())


def _linear_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if x.size:
        raise TypeRuleError(
            "N0305", f"`linear` works on features, not on `{x}`", "pool first: `-> global_pool`", named=[x]
        )
    return TensorType(x.domain, attributes["out"], ())


def _linear_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    cost = _weighted(inputs[0], inputs[0].shape[0] * output.shape[0], 1)
    return replace(cost, params=cost.params + output.numbers)


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
        (Parameter("out", "channels"),),
        _linear_type,
        _linear_cost,
        saved.its_inputs,
        domains=BOTH,
        doc="fully connected, with bias",
    )
)
