"""The symbol table of a file and of all it uses: what names stand for and where they are defined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ...base.source import Span
from ...parse import syntax

_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Symbol:
    """A name and the span at which it is defined. node: the tree of its definition.

    Two symbols are equal where kind, name and span are.
    """

    kind: str  # operation, space, method, front end, profile, parameter, intermediate, cell, node ...
    name: str
    span: Span
    node: object = field(compare=False, repr=False)


@dataclass(frozen=True)
class Members:
    """The names that a space defines, with all that it inherits from its base."""

    parameters: dict[str, Symbol] = field(default_factory=dict)
    sets: dict[str, Symbol] = field(default_factory=dict)
    candidates: dict[tuple[str, str], Symbol] = field(default_factory=dict)
    cells: dict[str, Symbol] = field(default_factory=dict)
    lets: dict[str, Symbol] = field(default_factory=dict)

    @property
    def seen(self) -> dict[str, Symbol]:
        """The names that every expression of the space may read."""
        return {**self.parameters, **self.lets}


KINDS = {
    "op": "operation",
    "space": "space",
    "method": "method",
    "frontend": "front end",
    "profile": "profile",
    "genotype": "genotype",
}


class Visible:
    """The definitions visible in a file: its own and those it uses; the first of a name counts."""

    def __init__(self, files: Iterable[syntax.File], library: Iterable[syntax.File] = ()) -> None:
        """library: files whose methods, profiles and front ends are visible without a `use`."""
        self.symbols: dict[tuple[str, str], Symbol] = {}
        self._members: dict[str, Members] = {}
        for file in files:
            self._take_in(file, KINDS)
        for file in library:
            self._take_in(file, ("method", "profile", "frontend"))

    def _take_in(self, file: syntax.File, kinds: Iterable[str]) -> None:
        for definition in file.definitions:
            kind = kind_of(definition)
            if kind in kinds:
                name = definition.name  # type: ignore[union-attr]
                symbol = Symbol(KINDS[kind], name, definition.span, definition)
                self.symbols.setdefault((kind, name), symbol)

    def find(self, kind: str, name: str) -> Symbol | None:
        """The definition of a kind (`op`, `space`, ...) and a name; None where there is none."""
        return self.symbols.get((kind, name))

    def of_kind(self, kind: str) -> dict[str, Symbol]:
        """All definitions of a kind by name."""
        return {name: symbol for (found, name), symbol in self.symbols.items() if found == kind}

    def members(self, space: str) -> Members:
        """The names that a space defines; empty where there is no such space."""
        if space not in self._members:
            self._members[space] = Members()  # also the end of a space that derives from itself
            symbol = self.find("space", space)
            if symbol is not None:
                self._members[space] = self._made(symbol.node)
        return self._members[space]

    def _made(self, node: object) -> Members:
        if isinstance(node, syntax.SpaceTemplate):
            return _members_of(node)
        assert isinstance(node, syntax.Derived)
        base = self.members(node.base)
        members = replace(base, candidates=dict(base.candidates))
        for setting in node.settings:
            if len(setting.path) == 2 and setting.path[0] in base.sets:
                head, option = setting.path
                made = Symbol("candidate", option, part(setting, 1), setting)
                members.candidates.setdefault((head, option), made)
        return members

    def parameters(self, symbol: Symbol) -> dict[str, Symbol]:
        """The parameters of a symbol by name; of a method, those of its base."""
        node: object = symbol.node
        while isinstance(node, syntax.Derived) and node.kind == "method":
            base = self.find("method", node.base)
            node = base.node if base is not None and base.node is not node else None
        return parameters_of(node)


def kind_of(definition: syntax.Definition) -> str:
    """The keyword that begins a definition."""
    match definition:
        case syntax.Op():
            return "op"
        case syntax.SpaceTemplate():
            return "space"
        case syntax.FrontEndTemplate():
            return "frontend"
        case syntax.SettingsBlock() | syntax.Derived():
            return definition.kind
        case syntax.GenotypeText():
            return "genotype"
        case _:
            return "use"


def parameters_of(node: object) -> dict[str, Symbol]:
    """The parameters of an operation, a space, a method or a front end."""
    found = getattr(node, "parameters", ())
    return {one.name: Symbol("parameter", one.name, one.span, one) for one in found}


def _members_of(template: syntax.SpaceTemplate) -> Members:
    members = Members(parameters_of(template))
    for item in template.items:
        if isinstance(item, syntax.Candidates):
            members.sets[item.name] = Symbol("set", item.name, item.span, item)
            for option in item.options:
                made = Symbol("candidate", option.name, option.span, option)
                members.candidates[item.name, option.name] = made
        elif isinstance(item, syntax.CellTemplate | syntax.Derived):
            members.cells[item.name] = Symbol("cell", item.name, item.span, item)
    members.lets.update((let.name, let) for let in lets_in(template.items))
    return members


def part(setting: syntax.Setting, index: int) -> Span:
    """The span of one part of a path: of `candidates` in `candidates.skip`."""
    words = list(_WORD.finditer(setting.span.text))
    if index >= len(words):
        return setting.span
    start = setting.span.column + words[index].start()
    end = setting.span.column + words[index].end()
    return replace(setting.span, column=start, end_line=setting.span.line, end_column=end)


def suffix(number: syntax.Number) -> Span:
    """The span of the symbol that a number multiplies: of `C` in `2C`."""
    return replace(number.span, column=number.span.end_column - len(number.suffix))


def inputs_of(cell: syntax.CellTemplate) -> dict[str, Symbol]:
    """The inputs of a cell by name."""
    return {one.name: Symbol("input", one.name, one.span, one) for one in cell.parameters}


def lets_in(items: Iterable[object]) -> Iterator[Symbol]:
    """The intermediates and the nodes that a block or a cell defines."""
    for item in items:
        if isinstance(item, syntax.Let):
            yield Symbol("intermediate", item.name, item.span, item)
        elif isinstance(item, syntax.NodeArray):
            yield Symbol("node", item.name, item.span, item)
