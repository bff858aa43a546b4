"""The syntax tree of a `.nas` file, before any name is resolved. Every node keeps its span."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..base.source import Source, Span

# --- expressions --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    """A number with its suffix: a unit (`16kHz`, `50%`), a symbol that it multiplies (`2C`), or none."""

    value: float
    suffix: str
    span: Span = field(compare=False, repr=False)

    @property
    def whole(self) -> bool:
        """Whether the value is a whole number."""
        return self.value == int(self.value)


@dataclass(frozen=True)
class Text:
    """A quoted text, its quotes left out."""

    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Name:
    """A name; one with dots for a part, `mix.candidates`."""

    name: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Argument:
    """An argument, `name: value` or just a value."""

    name: str | None
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Call:
    """An operation, a method or a front end with arguments: `conv(3, stride: 2)`."""

    function: Name
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Index:
    """One node of a node array: `n[1]`."""

    base: Expr
    index: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Group:
    """Several values in parentheses: a pair `(5, 1)` or named ones `(batch: 96, epochs: 60)`."""

    items: tuple[Argument, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Negative:
    """A minus before an operand: `-6dB`."""

    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Binary:
    """`+ - * /`, comparisons, `and`, `or`; `operator_span` is the place of the operator alone."""

    operator: str
    left: Expr
    right: Expr
    operator_span: Span = field(compare=False, repr=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Range:
    """`low .. high`, both ends included."""

    low: Expr
    high: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Pipe:
    """`value -> stage -> stage`; a long pipe is one node, not a deep nest of them."""

    value: Expr
    stages: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Times:
    """`count times stage`: the stage, applied `count` times."""

    count: Expr
    stage: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class After:
    """A term of a loss that is zero until a share of the epochs has passed: `term after 50%`."""

    term: Expr
    when: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Ramp:
    """A term of a loss whose weight grows from 0 to 1 during a part of the search: `term from 50% to 80%`."""

    term: Expr
    start: Expr
    end: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Conditional:
    """`if condition then a else b`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Choose:
    """A choice point: between written options, or between the candidates of a set applied to a value."""

    options: tuple[Expr, ...]
    candidates: Call | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Comprehension:
    """`value for variable in iterable`."""

    value: Expr
    variable: str
    iterable: Expr
    span: Span = field(compare=False, repr=False)


Expr = (
    Number | Text | Name | Call | Index | Group | Negative | Binary | Range | Pipe | Times | After | Ramp
    | Conditional | Choose | Comprehension
)  # fmt: skip


# --- definitions --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    """A parameter of a definition, `name` or `name = default`."""

    name: str
    default: Expr | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Let:
    """A name for a value: an intermediate (`let name = value`), or a candidate."""

    name: str
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Block:
    """The body of an operation or of a network: intermediates (`let`), then the value."""

    lets: tuple[Let, ...]
    value: Expr


@dataclass(frozen=True)
class NodeArray:
    """Nodes of a cell under one name: `node n[1..nodes] = sum(...) keep 2`."""

    name: str
    indices: Expr
    value: Expr
    keep: Expr | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Setting:
    """`path: value` sets a known key, `path = value` makes a name."""

    path: tuple[str, ...]
    values: tuple[Expr, ...]
    makes_name: bool
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """The path with dots: `search.epochs`."""
        return ".".join(self.path)


@dataclass(frozen=True)
class Use:
    """`use "path"`: the definitions of another file."""

    path: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Op:
    """An operation made of others: `op name(parameters)`, then `= expression` or a block in braces."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Block
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Candidates:
    """A named set of candidate operations, in the order of the text."""

    name: str
    options: tuple[Let, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class CellTemplate:
    """`cell name(inputs) { ... }`: intermediates and nodes, then the value that the cell outputs."""

    name: str
    parameters: tuple[Parameter, ...]
    items: tuple[Let | NodeArray, ...]
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Part:
    """A genotype that a space is fixed by, `found`, or a part of one, `found.normal`."""

    genotype: str
    owner: str | None
    span: Span = field(compare=False, repr=False)
    genotype_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Derived:
    """`kind name = base with { settings }`; of a space also `space name = base with found.normal`."""

    kind: Literal["space", "cell", "method", "profile"]
    name: str
    base: str
    settings: tuple[Setting, ...]
    span: Span = field(compare=False, repr=False)
    base_span: Span = field(compare=False, repr=False)
    part: Part | None = None


@dataclass(frozen=True)
class Network:
    """The network of a space: `network = expression`, or `network` and a block in braces."""

    name: str
    body: Block
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class SpaceTemplate:
    """`space name(parameters) { ... }`: candidate sets, cells, names for expressions, and the network."""

    name: str
    parameters: tuple[Parameter, ...]
    items: tuple[Candidates | CellTemplate | Derived | Let | Network, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class FrontEndTemplate:
    """`frontend name(parameters) = source -> step -> ...`."""

    name: str
    parameters: tuple[Parameter, ...]
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class SettingsBlock:
    """A method, a profile, an experiment or a sweep: a name (none for an experiment) and settings."""

    kind: Literal["method", "profile", "experiment", "sweep"]
    name: str
    parameters: tuple[Parameter, ...]
    settings: tuple[Setting, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class FoundEdge:
    """A kept edge, `operation(source)`; where the edge had no choice, the operation is empty."""

    source: str
    operation: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class FoundNode:
    """A node of a genotype's cell with its kept edges: `node n1 = sep_conv_3x3(a) + skip_connect(b)`."""

    name: str
    edges: tuple[FoundEdge, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class FoundCell:
    """One kind of cell in a genotype."""

    name: str
    inputs: tuple[Parameter, ...]
    nodes: tuple[FoundNode, ...]
    settings: tuple[Setting, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class FoundChoice:
    """The option of a choice point that is no edge: `network.mb_1: (k: 3, expand: 6)`."""

    id: str
    values: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class GenotypeText:
    """`genotype name of space { ... }`; `settings` are its keys of one word."""

    name: str
    space: str
    settings: tuple[Setting, ...]
    cells: tuple[FoundCell, ...]
    choices: tuple[FoundChoice, ...]
    span: Span = field(compare=False, repr=False)
    space_span: Span = field(compare=False, repr=False)


Definition = Use | Op | SpaceTemplate | FrontEndTemplate | SettingsBlock | Derived | GenotypeText


@dataclass(frozen=True)
class Rest:
    """A definition without its lines that cannot be parsed; lost: every name in those lines."""

    definition: Definition
    lost: frozenset[str]


@dataclass(frozen=True)
class File:
    """One parsed file: the definitions that could be parsed, and (kind, name) of those that could not.

    rests: what is left of the latter, where some of their lines could be parsed.
    """

    source: Source
    definitions: tuple[Definition, ...]
    unread: frozenset[tuple[str, str]] = frozenset()
    rests: tuple[Rest, ...] = ()
