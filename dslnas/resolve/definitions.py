"""Data classes of resolved definitions: cells, spaces, settings blocks; every `with` is expanded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from ..base.source import Source, Span
from ..ir.genotype import Genotype
from ..parse import syntax
from .found import Fix

CELL_SETTINGS = ("stride",)  # the keys that a `with` may set in a cell


@dataclass(frozen=True)
class CellDefinition:
    """A cell of a space.

    items: its intermediates and nodes. value: its output. settings: the keys that a `with` sets.
    """

    name: str
    inputs: tuple[str, ...]
    items: tuple[syntax.Let | syntax.NodeArray, ...]
    value: syntax.Expr
    settings: Mapping[str, syntax.Expr]
    span: Span


@dataclass(frozen=True)
class Space:
    """A search space with every `with` expanded: parameters, candidate sets, cells, lets, the network.

    parameters: with their defaults. option_spans: the place of each option, by set and name.
    by_profile: the parameters that say `by_profile(4)`: a profile gives their values, and 4 holds where it
    names none. fixes: the choices already decided.
    unread: the cells whose text has errors; that they are missing is not reported again.
    lets: the names that it makes for values and operations.
    """

    name: str
    parameters: Mapping[str, syntax.Expr]
    sets: Mapping[str, Mapping[str, syntax.Expr]]
    cells: Mapping[str, CellDefinition]
    network: syntax.Block
    span: Span
    option_spans: Mapping[tuple[str, str], Span] = field(default_factory=dict)
    by_profile: frozenset[str] = frozenset()
    fixes: tuple[Fix, ...] = ()
    unread: frozenset[str] = frozenset()
    lets: Mapping[str, syntax.Let] = field(default_factory=dict)


@dataclass(frozen=True)
class Keys:
    """A settings block (method, profile, experiment, sweep): values by key, and where each key is set."""

    name: str
    values: Mapping[str, tuple[syntax.Expr, ...]]
    spans: Mapping[str, Span]
    span: Span
    parameters: tuple[syntax.Parameter, ...] = ()

    def with_setting(self, key: str, values: tuple[syntax.Expr, ...], span: Span) -> Keys:
        """A copy with one key set or replaced."""
        return Keys(
            self.name,
            MappingProxyType({**self.values, key: values}),
            MappingProxyType({**self.spans, key: span}),
            self.span,
            self.parameters,
        )


@dataclass(frozen=True)
class Definitions:
    """All definitions of a file and of the files it uses.

    own_spaces, own_genotypes, sweeps: those of the main file, in order. unread: (kind, name) of the
    definitions with errors; that they are missing is not reported again. rests: what is left of them.
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
        """Whether a definition or a file with errors may define this name."""
        return (kind, name) in self.unread or self._lacks_files

    @cached_property
    def _lacks_files(self) -> bool:
        return any(kind == "use" for kind, _ in self.unread)
