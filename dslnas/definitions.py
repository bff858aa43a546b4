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
    """What a genotype decides: options by choice point, the kept edges by node (`normal/n1`).

    span: what names the genotype; places: the text of each choice, node and edge (`normal/n1<-a`) in it.
    """

    options: Mapping[str, str]
    nodes: Mapping[str, Node]
    span: Span = field(compare=False, repr=False)
    places: Mapping[str, Span] = field(compare=False, repr=False)


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
    unread: the cells whose text cannot be used, and whose absence is therefore no error of its own.
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
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Keys:
    """A method, a profile, an experiment or a sweep: the values of its keys, and where each was set."""

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

    own_spaces, own_genotypes, sweeps: those of the main file, in order. unread: (kind, name) of what could
    not be read, and whose absence is therefore no error of its own.
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
    rests: tuple[syntax.Rest, ...] = ()
    genotypes: Mapping[str, Genotype] = field(default_factory=dict)
    own_genotypes: tuple[syntax.GenotypeText, ...] = ()
    sweeps: tuple[Keys, ...] = ()

    def excused(self, kind: str, name: str) -> bool:
        """Whether text that could not be read may define this name."""
        return (kind, name) in self.unread or self._lacks_files

    @cached_property
    def _lacks_files(self) -> bool:
        return any(found == "use" for found, _ in self.unread)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?` where a known name is close, else nothing."""
    close = closest(name, known)
    return f"did you mean `{close}`?" if close else ""


def closest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like another, letter by letter, then in any case; empty where none is."""
    return _closest(name, tuple(known))


@lru_cache(maxsize=1024)  # one mistake is met wherever its text is elaborated
def _closest(name: str, known: tuple[str, ...]) -> str:
    if len(name) >= 100 or len(known) > limits.NAMES_COMPARED:
        return ""
    if close := get_close_matches(name, known, n=1, cutoff=0.6):
        return close[0]
    spelled = {one.casefold(): one for one in known}
    return next((spelled[one] for one in get_close_matches(name.casefold(), spelled, n=1, cutoff=0.6)), "")
