"""The recurrent primitives: units with gates (`gru`, `lstm`) over time, and the `last` step of a sequence."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from ..tensortype import Domain, TensorType
from . import saved
from .registry import BOTH, Attributes, Cost, Parameter, Primitive, Saved, TypeRuleError, register

Inputs = tuple[TensorType, ...]
# Matrices and biases of a unit, one for each gate and one for what is new: reset, update, new of a gated
# recurrent unit; input, forget, new, output of one with a long memory.
GATES = {"gru": 3, "lstm": 4}


def directions(attributes: Attributes) -> int:
    """In how many directions of time units go: 1, or 2 where they are `bidirectional`."""
    return 2 if attributes.get("bidirectional") else 1


def _units_type(name: str) -> Callable[[Inputs, Attributes, Domain], TensorType]:
    def rule(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
        """`C x F x T`, or `C x T`, to `hidden x T`: each time step reads all channels and frequencies."""
        (x,) = inputs
        if not x.size:
            message = f"`{name}` reads steps of time, and `{x}` has none"
            raise TypeRuleError("N0305", message, "put it before a pool", named=[x])
        return TensorType(x.domain, attributes["hidden"].scaled(directions(attributes)), x.size[-1:])

    return rule


def features_of(x: TensorType) -> int:
    """The number of features per time step: channels x frequencies."""
    return prod(x.shape[:-1])


def _reads(inputs: Inputs, output: TensorType, attributes: Attributes) -> list[int]:
    """How many features each layer reads."""
    return [features_of(inputs[0]), *[output.shape[0]] * (attributes["layers"] - 1)]


def _units_cost(name: str) -> Callable[[Inputs, TensorType, Attributes], Cost]:
    def cost(inputs: Inputs, output: TensorType, attributes: Attributes) -> Cost:
        """Two matrices and two biases per gate, layer and direction; matrices are applied at every step."""
        channels, steps = output.shape
        ways = directions(attributes)
        hidden, reads = channels // ways, _reads(inputs, output, attributes)
        weights = ways * sum(GATES[name] * hidden * (read + hidden) for read in reads)
        return Cost(weights + ways * len(reads) * 2 * GATES[name] * hidden, weights * steps)

    return cost


def _gru_saves(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """Each layer saves what it reads and, at every step, its gates twice and its new state.

    Where units go both ways, what the first layer reads is there in both orders.
    """
    channels, steps = output.shape
    reads = _reads(inputs, output, attributes)
    read = sum(reads) + (directions(attributes) - 1) * reads[0]
    return Saved(values=steps * (read + len(reads) * channels * (2 * GATES["gru"] + 1)))


def _lstm_saves(inputs: Inputs, output: TensorType, attributes: Attributes) -> Saved:
    """What oneDNN, by which torch computes the layers on a CPU, keeps for each of them.

    Beside what a layer reads and hands out these are, of every step and of one before the first, ten vectors,
    six of them as long as the longer of what is read and the state, and gates with their rests.
    """
    channels, steps = output.shape
    ways = directions(attributes)
    hidden, kept = channels // ways, 0.0
    for read in _reads(inputs, output, attributes):
        states = (6 * max(read, hidden) + 4 * hidden) * (steps + 1)
        kept += read * steps + ways * (states + 6.25 * hidden * steps)
    return Saved(values=round(kept))


def _last_type(inputs: Inputs, attributes: Attributes, domain: Domain) -> TensorType:
    (x,) = inputs
    if not x.size or (len(x.size) == 2 and x.size[0].known != 1):
        message = f"`last` takes the last step of a sequence, not of `{x}`"
        raise TypeRuleError("N0305", message, "`-> gru(256) -> last`", named=[x])
    return TensorType(x.domain, x.channels, ())


for _name, _saves, _doc in (
    ("gru", _gru_saves, "gated recurrent units (Cho et al., 2014)"),
    (
        "lstm",
        _lstm_saves,
        "units with a long short-term memory (Hochreiter and Schmidhuber, 1997; Gers et al., 2000)",
    ),
):
    register(
        Primitive(
            _name,
            (
                Parameter("hidden", "channels"),
                Parameter("layers", "int", 1, keyword_only=True),
                Parameter("bidirectional", "bool", False, keyword_only=True),
            ),
            _units_type(_name),
            _units_cost(_name),
            _saves,
            doc=f"{_doc} over time: a step reads all channels and frequencies; `bidirectional` ones hand out "
            "twice `hidden` channels, those that go forward first",
        )
    )
register(
    Primitive(
        "last",
        (),
        _last_type,
        saves=saved.nothing,
        domains=BOTH,
        stateless=True,
        doc="the last step of a sequence",
    )
)
