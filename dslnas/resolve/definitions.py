"""What files define once names are found and every `with` is written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from ..base.source import Source, Span
from ..ir.genotype import Genotype
from ..parse import syntax
from .found import Fix

CELL_SETTINGS = ("stride",)  # what a `with` may set in a cell


@dataclass(frozen=True)
class CellDefinition:
    """A cell of a space: its inputs, its intermediates and nodes, its value, and what a `with` set."""

    name: str
    inputs: tuple[str, ...]
    items: tuple[syntax.Let | syntax.NodeArray, ...]
    value: syntax.Expr
    settings: Mapping[str, syntax.Expr]
    span: Span


@dataclass(frozen=True)
class Space:
    """A space without `with`: parameters and their defaults, candidate sets, cells, the network.

    fixed: the parameters that a `with` set, which no profile changes. fixes: the choices that are made.
    unread: the cells whose text cannot be used, and whose absence is therefore no error of its own.
    """

    name: str
    parameters: Mapping[str, syntax.Expr]
    sets: Mapping[str, Mapping[str, syntax.Expr]]
    cells: Mapping[str, CellDefinition]
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
