"""The names in a genotype text, resolved to the cells, candidates, intermediates and nodes of its space."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...base.source import Span
from ...parse import syntax
from .symbols import Members, Symbol, Visible, inputs_of, lets_in

_WORD = re.compile(r"[A-Za-z_]\w*")

Named = tuple[Span, Symbol | None]


def names_in(genotype: syntax.GenotypeText, visible: Visible) -> Iterator[Named]:
    """The spans of a genotype's names, each with its symbol in the space, or None."""
    members = visible.members(genotype.space)
    candidates = {option: symbol for (_, option), symbol in reversed(members.candidates.items())}
    for cell in genotype.cells:
        yield cell.span, members.cells.get(cell.name)
        yield from _Cell(_made_in(cell.name, members), candidates).names(cell)


def owner(part: syntax.Part, members: Members) -> Named:
    """The span and the symbol of the cell in `with found.normal`."""
    word = list(_WORD.finditer(part.span.text))[-1]
    return _within(part.span, word.start(), word.end()), members.cells.get(part.owner or "")


@dataclass(frozen=True)
class _Cell:
    """The names that the template of a cell defines, and the candidates that its edges may keep."""

    made: dict[str, Symbol]
    candidates: dict[str, Symbol]

    def names(self, cell: syntax.FoundCell) -> Iterator[Named]:
        yield from (self._value(input.name, input.span) for input in cell.inputs)
        yield from (self._value(node.name, node.span) for node in cell.nodes)
        for edge in (edge for node in cell.nodes for edge in node.edges):
            words = list(_WORD.finditer(edge.span.text))
            source = words[-1]
            yield self._value(edge.source, _within(edge.span, source.start(), source.end()))
            if len(words) == 2:
                place = _within(edge.span, words[0].start(), words[0].end())
                yield place, self.candidates.get(edge.operation)
        for value in (value for setting in cell.settings for value in setting.values):
            if isinstance(value, syntax.Name):
                yield self._value(value.name, value.span)

    def _value(self, name: str, span: Span) -> Named:
        """A value of the cell; the node `n1` is one of the nodes `n`, whose symbol its beginning names."""
        for made, symbol in self.made.items():
            if symbol.kind == "node" and name.startswith(made) and name[len(made) :].isdigit():
                return _within(span, 0, len(made)), symbol
        return span, self.made.get(name)


def _made_in(name: str, members: Members) -> dict[str, Symbol]:
    """The inputs, intermediates and nodes of a cell, which may derive from another."""
    symbol = members.cells.get(name)
    while symbol is not None and isinstance(symbol.node, syntax.Derived):
        base = members.cells.get(symbol.node.base)
        symbol = base if base != symbol else None
    if symbol is None or not isinstance(symbol.node, syntax.CellTemplate):
        return {}
    return inputs_of(symbol.node) | {one.name: one for one in lets_in(symbol.node.items)}


def _within(span: Span, start: int, end: int) -> Span:
    """A part of a span, by its characters; a span over several lines stays whole."""
    if span.line != span.end_line:
        return span
    return replace(span, column=span.column + start, end_column=span.column + end)
