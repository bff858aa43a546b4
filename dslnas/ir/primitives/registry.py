"""The registry of primitives: signatures, type rules and costs of the built-in operations.

Their torch modules are built in `lower/modules/builders.py`, by the primitive's name.
Operations of the papers (`sep_conv`, the polynomials, ...) are not here: they are text in `spaces/lib/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...base.diagnostics import DslnasError
from ...base.source import Source
from ...parse.vocabulary import FUNCTIONS, LITERALS, NETWORK, PHASES, PLACE, WORDS
from ..tensortype import Domain, TensorType

# The kinds of parameters; quantities are given in base units: seconds, hertz, decibels, fractions of 1.
Kind = Literal[
    "int",  # a whole number of at least 1
    "count",  # a whole number of at least 0
    "kernel",  # a whole number of at least 1, or a pair (frequency, time)
    "stride",  # likewise
    "padding",  # a whole number of at least 0, or a pair (frequency, time)
    "channels",  # a dimension of at least 1
    "number",
    "numbers",  # a number for each channel, or one for all
    "fraction",  # 0 .. 1
    "seconds",
    "hertz",
    "decibels",  # a range of decibels
    "range",  # a range of numbers
    "axis",  # a word of `KIND_OPTIONS`
    "phase",  # likewise
    "judge",  # likewise, of a setting
    "balance",  # likewise
    "windows",  # likewise
    "bool",
]
# The words that a parameter accepts, of the kinds that take words.
KIND_OPTIONS: Mapping[Kind, tuple[str, ...]] = {
    "axis": ("time", "frequency"),
    "phase": PHASES,
    "judge": ("groups", "clips"),
    "balance": ("none", "loss", "sampling", "mixing"),
    "windows": ("loudest", "all"),
}
Attributes = Mapping[str, Any]
REAL: frozenset[Domain] = frozenset(("real",))
BOTH: frozenset[Domain] = frozenset(("real", "complex"))
REQUIRED = object()
CHANNELS_OF_PLACE = object()  # the default `C`: the number of channels at the place of use


class TypeRuleError(Exception):
    """Raised by a type rule with a code, a message and a help; the checker adds the place.

    named: the types in the message.
    """

    def __init__(self, code: str, message: str, help: str = "", *, named: Iterable[TensorType] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help
        self.symbols = frozenset().union(*(type.symbols for type in named))


@dataclass(frozen=True)
class Parameter:
    """One parameter of a primitive. A keyword-only one is given by name (`stride: 2`)."""

    name: str
    kind: Kind
    default: Any = REQUIRED
    keyword_only: bool = False


@dataclass(frozen=True)
class Cost:
    """The cost of one application to one example: trainable parameters, multiply-accumulates."""

    params: int = 0
    macs: int = 0


@dataclass(frozen=True)
class Saved:
    """What one application to one example saves in memory for its backward pass.

    inputs, output: whether the backward pass reads them. values, indices: how many further numbers and
    positions are saved. workspace: numbers that exist only in the backward pass, besides its gradients.
    """

    inputs: bool = False
    output: bool = False
    values: int = 0
    indices: int = 0
    workspace: int = 0


@dataclass(frozen=True)
class Primitive:
    """A built-in operation, which the language itself cannot define.

    type_rule: (input types, attributes, domain of the space) -> output type; raises TypeRuleError.
    cost: (input types, output type, attributes) -> Cost; all dimensions are known then.
    saves: the same arguments -> Saved; by default inputs and output, as most layers need.
    inputs: how many tensors it reads. domains: of these tensors. reads: names of the tensors, where these are
        given as arguments, `attend(a, v)`, and not by a pipe.
    stateless: it has neither weights nor statistics, so equal applications to one input can be merged.
    multiplies: it multiplies its inputs, so that their polynomial orders add up.
    origin: the module of a user's own primitive; empty for those of the language.
    file: of a user's own primitive, the file that defines it, as it was when it was read.
    own_module: of a user's own primitive, the arguments of `cost` -> an `nn.Module` over the inputs in order;
        built-in ones are built by name in `lower/modules/builders.py`.
    own_error: of a user's own primitive, what failed and the exception -> the error that tells it, with its
        place in the user's file.
    bounded: its output stays within fixed bounds, or within those of a norm, for any input.
    lanes: each output channel depends only on the same channel of the inputs (or on its group, with
        `groups`), so several applications of one shape can be computed side by side in the channels.
    over_batch: in training it normalizes a channel by its values in the whole batch, of which it needs two.
    training_only: in evaluation it hands on its input, so that it is no part of what is exported or priced.
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
    reads: tuple[str, ...] = ()
    domains: frozenset[Domain] = REAL
    stateless: bool = False
    multiplies: bool = False
    bounded: bool = False
    lanes: bool = False
    over_batch: bool = False
    training_only: bool = False
    doc: str = ""
    origin: str = ""
    file: Source | None = None
    own_module: Callable[[tuple[TensorType, ...], TensorType, Attributes], Any] | None = None
    own_error: Callable[[str, Exception], DslnasError] | None = None


REGISTRY: dict[str, Primitive] = {}


def written(primitive: Primitive) -> str:
    """How a primitive is called that is given its tensors as arguments: `attend(a, v)`."""
    return f"{primitive.name}({', '.join(primitive.reads)})"


def register(primitive: Primitive) -> Primitive:
    """Add a primitive to the language; its name must be new."""
    assert primitive.name not in REGISTRY, f"primitive {primitive.name} exists"
    REGISTRY[primitive.name] = primitive
    return primitive


def taken() -> frozenset[str]:
    """The reserved names of the language, including all registered primitives."""
    return frozenset((*REGISTRY, *FUNCTIONS, *LITERALS, *WORDS, *PLACE, *NETWORK, "earlier"))
