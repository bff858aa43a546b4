"""What files define once names are found and every `with` is written out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from types import MappingProxyType

from . import limits, syntax
from .genotype import Genotype, Node
from .source import Source, Span

CELL_SETTINGS = ("stride",)  # what a `with` may set in a cell


@dataclass(frozen=True)
class Cell:
    """A cell template: its inputs, its intermediates and nodes, its value, and what a `with` set."""

    name: str
    inputs: tuple[str, ...]
    items: tuple[syntax.Let | syntax.NodeArray, ...]
    value: syntax.Expr
    settings: Mapping[str, syntax.Expr]
    span: Span


@dataclass(frozen=True)
class Found:
    """What a genotype decides: options by choice point, the kept edges by node (`normal/n1`)."""

    options: Mapping[str, str]
    nodes: Mapping[str, Node]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Listed:
    """What a line of a `with` decides: `network.mb_17.k: 5`; `network.mb.k: 3` for every use of `mb`."""

    path: tuple[str, ...]
    value: syntax.Expr
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        return ".".join(self.path)


Fix = Found | Listed


@dataclass(frozen=True)
class Space:
    """A space without `with`: parameters and their defaults, candidate sets, cells, the network.

    fixed: the parameters that a `with` set, which no profile changes. fixes: the choices that are made.
    """

    name: str
    parameters: Mapping[str, syntax.Expr]
    sets: Mapping[str, Mapping[str, syntax.Expr]]
    cells: Mapping[str, Cell]
    network: syntax.Expr
    span: Span
    option_spans: Mapping[tuple[str, str], Span] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class Keys:
    """A method, a profile or an experiment: the values of its keys, and where each was set."""

    name: str
    values: Mapping[str, tuple[syntax.Expr, ...]]
    spans: Mapping[str, Span]
    span: Span
    parameters: tuple[syntax.Parameter, ...] = ()

    def with_setting(self, key: str, values: tuple[syntax.Expr, ...], span: Span) -> Keys:
        """The same with one more key, or another value for it."""
        return Keys(
            self.name,
            MappingProxyType({**self.values, key: values}),
            MappingProxyType({**self.spans, key: span}),
            self.span,
            self.parameters,
        )


@dataclass(frozen=True)
class Definitions:
    """All that a file and the files it uses define.

    own_spaces, own_genotypes: those of the main file, in order. unread: (kind, name) of what could not be
    read, and whose absence is therefore no error of its own.
    """

    main: Source
    ops: Mapping[str, syntax.Op]
    spaces: Mapping[str, Space]
    methods: Mapping[str, Keys]
    frontends: Mapping[str, syntax.FrontEndTemplate]
    profiles: Mapping[str, Keys]
    experiment: Keys | None
    own_spaces: tuple[str, ...]
    sources: tuple[Source, ...]
    unread: frozenset[tuple[str, str]] = frozenset()
    genotypes: Mapping[str, Genotype] = field(default_factory=dict)
    own_genotypes: tuple[syntax.GenotypeText, ...] = ()

    def excused(self, kind: str, name: str) -> bool:
        """Whether text that could not be read may define this name."""
        return (kind, name) in self.unread or self._lacks_files

    @cached_property
    def _lacks_files(self) -> bool:
        return any(found == "use" for found, _ in self.unread)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?` where a known name is close, else nothing."""
    return _did_you_mean(name, tuple(known))


@lru_cache(maxsize=1024)  # one mistake is met wherever its text is elaborated
def _did_you_mean(name: str, known: tuple[str, ...]) -> str:
    comparable = len(name) < 100 and len(known) <= limits.NAMES_COMPARED
    close = get_close_matches(name, known, n=1, cutoff=0.6) if comparable else []
    return f"did you mean `{close[0]}`?" if close else ""
