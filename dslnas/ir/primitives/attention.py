"""Attention over time (Vaswani et al., 2017) in two primitives, and what learned steps it needs.

`scores` and `attend` are the two products of matrices; what stands between them is text. So self-attention is

    attend(scores(q, k, heads: 2) -> softmax(frequency), v)

The scores of a head say of each step of `k`, along frequency, how much it has to say to each step of `q`,
along time. Both are products of what they read, and no `multiplies` is said of them: between them stands a
softmax, of which a network is no polynomial. Steps are those of a sequence `C x T`, or of what `fold` makes
of a spectrogram, `C x 1 x T`.
"""

from __future__ import annotations

from ..tensortype import Dim, Domain, TensorType
from . import saved
from .joins import CAST
from .registry import BOTH, Attributes, Cost, Parameter, Primitive, TypeRuleError, register

Inputs = tuple[TensorType, ...]


def steps_of(what: str, x: TensorType) -> Dim:
    """How many steps a sequence has, `C x T` or `C x 1 x T`; raises TypeRuleError N0305 of another tensor."""
    if not x.size:
        message = f"`{what}` reads steps of time, and `{x}` has none"
        raise TypeRuleError("N0305", message, "put it before a pool", named=[x])
    if len(x.size) == 2 and x.size[0].known != 1:
        message = f"`{what}` reads steps of time alone, and `{x}` has frequencies as well"
        help = "make channels of them: `-> fold`, or one of all: `-> mean(frequency)`"
        raise TypeRuleError("N0305", message, help, named=[x])
    return x.size[-1]


def _scores_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """Of `C x Q` and `C x K`: `heads x K x Q`."""
    query, key = inputs
    if query.domain != key.domain:
        raise TypeRuleError("N0304", "`scores` compares a real and a complex tensor", CAST)
    heads = attributes["heads"]
    asking, asked = steps_of("scores", query), steps_of("scores", key)
    if query.channels != key.channels:
        message = f"`scores` compares steps of different channels: `{query}` and `{key}`"
        raise TypeRuleError("N0303", message, "bring both to one: `-> linear(64)`", named=inputs)
    if query.channels.known is not None and query.channels.known % heads:
        message = f"{query.channels} channels are no {heads} heads of one size"
        raise TypeRuleError("N0303", message, "give a number of heads that divides the channels")
    return TensorType(query.domain, Dim.of(heads), (asked, asking))


def _scores_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """A product for each channel and each pair of steps."""
    _, asked, asking = output.shape
    return Cost(macs=inputs[0].shape[0] * asked * asking)


def _attend_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    """Of `heads x K x Q` and `C x K`: `C x Q`."""
    weights, values = inputs
    if weights.domain != values.domain:
        raise TypeRuleError("N0304", "`attend` joins a real and a complex tensor", CAST)
    if len(weights.size) != 2:
        message = f"the weights of `attend` are heads x steps x steps, not `{weights}`"
        help = "`attend(scores(q, k) -> softmax(frequency), v)`"
        raise TypeRuleError("N0305", message, help, named=[weights])
    steps = steps_of("attend", values)
    if steps != weights.size[0]:
        message = f"`attend` weighs {weights.size[0]} steps of `{values}`, which has {steps}"
        help = "`attend(scores(q, k) -> softmax(frequency), v)`, where `k` and `v` have as many steps"
        raise TypeRuleError("N0302", message, help, named=inputs)
    heads, channels = weights.channels.known, values.channels.known
    if heads is not None and channels is not None and channels % heads:
        message = f"{channels} channels are no {heads} heads of one size"
        raise TypeRuleError("N0303", message, "give a number of heads that divides the channels")
    return TensorType(values.domain, values.channels, (*values.size[:-1], weights.size[1]))


def _attend_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """A product for each channel and each pair of steps."""
    _, asked, asking = inputs[0].shape
    return Cost(macs=output.shape[0] * asked * asking)


for _name, _reads, _parameters, _rule, _cost, _doc in (
    (
        "scores",
        ("q", "k"),
        (Parameter("heads", "int", 1, keyword_only=True),),
        _scores_type,
        _scores_cost,
        "of each of `heads` groups of channels the product of every step of `k`, along frequency, with every "
        "step of `q`, along time, over the root of the channels of a head (Vaswani et al., 2017)",
    ),
    (
        "attend",
        ("a", "v"),
        (),
        _attend_type,
        _attend_cost,
        "for every step along the time of `a` the sum of the steps of `v`, each times the weight that `a` "
        "has for it along frequency; a channel of `a` weighs its group of channels of `v`",
    ),
):
    register(
        Primitive(
            _name,
            _parameters,
            _rule,
            _cost,
            saved.its_inputs,
            inputs=2,
            reads=_reads,
            stateless=True,
            doc=_doc,
        )
    )


def _position_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if not x.size:
        message = f"`position` adds to steps of time, and `{x}` has none"
        raise TypeRuleError("N0305", message, "put it before a pool", named=[x])
    return x


def _position_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """A number for each channel and step, two of a complex one."""
    return Cost(params=output.stored[0] * output.shape[-1])


def _token_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    return TensorType(x.domain, x.channels, (*x.size[:-1], steps_of("token", x) + 1))


def _token_cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
    """A number for each channel, two of a complex one."""
    return Cost(params=output.stored[0])


for _name, _rule, _cost, _doc in (
    (
        "position",
        _position_type,
        _position_cost,
        "plus a number for each channel and step of time, which is learned: where in time a step stands "
        "(Dosovitskiy et al., 2021)",
    ),
    (
        "token",
        _token_type,
        _token_cost,
        "one more step, behind the last: a number for each channel, which is learned; from it attention "
        "makes what `last` hands to the classes (Dosovitskiy et al., 2021)",
    ),
):
    register(Primitive(_name, (), _rule, _cost, saved.nothing, domains=BOTH, doc=_doc))
