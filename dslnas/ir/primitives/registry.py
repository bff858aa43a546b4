"""The registry of primitives: signature, type rule and cost of what the language cannot say itself.

The modules that compute them are built in `lower/modules/builders.py`, by the primitive's name.
Operations of the papers (`sep_conv`, the polynomials, ...) are not here: they are text in `spaces/lib/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...parse.vocabulary import FUNCTIONS, LITERALS, NETWORK, PLACE, WORDS
from ..tensortype import Domain, TensorType

# What a parameter accepts; quantities arrive in base units: seconds, hertz, decibels, fractions of 1.
Kind = Literal[
    "int",  # a whole number of at least 1
    "count",  # a whole number of at least 0
    "kernel",  # an odd number, or a pair (frequency, time)
    "channels",  # a dimension of at least 1
    "number",
    "numbers",  # a number for each channel, or one for all
    "fraction",  # 0 .. 1
    "seconds",
    "hertz",
    "decibels",  # a range of decibels
    "range",  # a range of numbers
    "axis",  # `time` or `frequency`
    "bool",
]
Attributes = Mapping[str, Any]
REAL: frozenset[Domain] = frozenset(("real",))
BOTH: frozenset[Domain] = frozenset(("real", "complex"))
REQUIRED = object()
CHANNELS_OF_PLACE = object()  # the default `C`: the channels that the place of use asks for


class TypeRuleError(Exception):
    """Raised by a type rule: the code, what is wrong, and what to do; the checker adds the place.

    named: the types that the message names.
    """

    def __init__(self, code: str, message: str, help: str = "", *, named: Iterable[TensorType] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help
        self.symbols = frozenset().union(*(type.symbols for type in named))


@dataclass(frozen=True)
class Parameter:
    """One parameter of a primitive. Those after `keyword_only` are given by name (`stride: 2`)."""

    name: str
    kind: Kind
    default: Any = REQUIRED
    keyword_only: bool = False


@dataclass(frozen=True)
class Cost:
    """What one application to one example costs: trainable parameters, multiply-accumulates."""

    params: int = 0
    macs: int = 0


@dataclass(frozen=True)
class Saved:
    """What one application to one example holds in memory from the forward pass to its backward pass.

    inputs, output: whether the backward pass reads them again. values, indices: how many further numbers and
    positions are kept. workspace: numbers that only the backward pass holds, beside the gradients it makes.
    """

    inputs: bool = False
    output: bool = False
    values: int = 0
    indices: int = 0
    workspace: int = 0


@dataclass(frozen=True)
class Primitive:
    """An operation that the language cannot define by itself.

    type_rule: (input types, attributes, domain of the space) -> output type; raises TypeRuleError.
    cost: (input types, output type, attributes) -> Cost; all dimensions are known then.
    saves: the same arguments -> Saved; where it is not declared, inputs and output, as most layers need.
    domains: of the tensors that it reads.
    stateless: it holds neither weights nor statistics, so that equal applications to one input are one.
    multiplies: its inputs with each other, so that their polynomial orders add up.
    origin: the module of a user's own primitive; empty for those of the language.
    own_module: of a user's own primitive, the arguments of `cost` -> an `nn.Module` over the inputs in order;
        those of the language are made by name, in `lower/modules/builders.py`.
    bounded: whatever it reads, its values stay within fixed bounds, or within those of a norm.
    lanes: each channel of the output depends on the same channel of the inputs alone (or on its group, where
        it has `groups`), so that several applications of one shape can stand side by side in the channels.
    over_batch: in training it norms a channel by its values in the whole batch, of which it needs two.
    """

    name: str
    parameters: tuple[Parameter, ...]
    type_rule: Callable[[tuple[TensorType, ...], Attributes, Domain], TensorType]
    cost: Callable[[tuple[TensorType, ...], TensorType, Attributes], Cost] = field(
        default=lambda inputs, output, attributes: Cost()
    )
    saves: Callable[[tuple[TensorType, ...], TensorType, Attributes], Saved] = field(
        default=lambda inputs, output, attributes: Saved(inputs=True, output=True)
    )
    inputs: int | None = 1  # None: any number
    domains: frozenset[Domain] = REAL
    stateless: bool = False
    multiplies: bool = False
    bounded: bool = False
    lanes: bool = False
    over_batch: bool = False
    doc: str = ""
    origin: str = ""
    own_module: Callable[[tuple[TensorType, ...], TensorType, Attributes], Any] | None = None


REGISTRY: dict[str, Primitive] = {}


def register(primitive: Primitive) -> Primitive:
    """Add a primitive to the language; a name is taken once."""
    assert primitive.name not in REGISTRY, f"primitive {primitive.name} exists"
    REGISTRY[primitive.name] = primitive
    return primitive


def taken() -> frozenset[str]:
    """The names of the language itself, the primitives of users included."""
    return frozenset((*REGISTRY, *FUNCTIONS, *LITERALS, *WORDS, *PLACE, *NETWORK, "earlier"))
