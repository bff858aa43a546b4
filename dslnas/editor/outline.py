"""The outline of a file: its definitions and, in them, cells, candidates, nodes, intermediates, keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..base.source import Span
from ..parse import syntax
from .places.lookup import Chunk, extent
from .places.symbols import KINDS, kind_of
from .workspace import Analysis


@dataclass(frozen=True)
class Entry:
    """One entry of the outline. span: all of its text; name_span: its name."""

    name: str
    kind: str
    detail: str
    span: Span
    name_span: Span
    inner: tuple[Entry, ...] = ()


def outline(analysis: Analysis) -> list[Entry]:
    """The definitions of a file in the order of the text; of those that cannot be read the name alone."""
    read = {(one.span.line, one.span.column): one for one in analysis.file.definitions}
    entries: list[Entry] = []
    for chunk in analysis.text.chunks:
        places = [(token.line, token.column) for token in chunk.tokens[:2]]
        found = next((read[place] for place in places if place in read), None)
        if found is None:
            entries += _unread(chunk)
        elif not isinstance(found, syntax.Use):
            entries.append(_definition(found, chunk.span))
    return entries


def _unread(chunk: Chunk) -> Iterable[Entry]:
    if chunk.name is not None and chunk.kind in KINDS:
        yield Entry(str(chunk.name), KINDS[chunk.kind], "cannot be read", chunk.span, chunk.name_span)


def _definition(node: syntax.Op | syntax.SpaceTemplate | syntax.FrontEndTemplate | syntax.SettingsBlock
                | syntax.Derived | syntax.GenotypeText, span: Span) -> Entry:  # fmt: skip
    word = kind_of(node)
    name, kind = node.name or word, KINDS.get(word, word)
    name_span = node.span if word in KINDS else span
    detail, inner = "", list[Entry]()
    match node:
        case syntax.Op():
            inner = [_item(let) for let in node.body.lets]
        case syntax.SpaceTemplate():
            inner = [_item(item) for item in node.items]
        case syntax.SettingsBlock() | syntax.Derived():
            inner = [_setting(setting) for setting in node.settings]
            detail = f"from {node.base}" if isinstance(node, syntax.Derived) else ""
        case syntax.GenotypeText():
            inner = [Entry(cell.name, "cell", "", extent(cell), cell.span) for cell in node.cells]
            detail = f"of {node.space}"
    return Entry(name, kind, detail, span, name_span, tuple(inner))


def _item(
    item: syntax.Candidates
    | syntax.CellTemplate
    | syntax.Derived
    | syntax.Let
    | syntax.NodeArray
    | syntax.Network,
) -> Entry:
    """The entry of an item of a space, of a cell or of the body of an operation."""
    kind, inner = "intermediate", list[Entry]()
    match item:
        case syntax.Candidates():
            kind = "set"
            inner = [Entry(o.name, "candidate", "", extent(o), o.span) for o in item.options]
        case syntax.CellTemplate():
            kind, inner = "cell", [_item(one) for one in item.items]
        case syntax.Derived():
            kind, inner = "cell", [_setting(setting) for setting in item.settings]
        case syntax.NodeArray():
            kind = "node"
        case syntax.Network():
            kind, inner = "network", [_item(let) for let in item.body.lets]
    return Entry(item.name, kind, "", extent(item), item.span, tuple(inner))


def _setting(setting: syntax.Setting) -> Entry:
    values = " ".join(", ".join(value.span.text for value in setting.values).split())
    return Entry(setting.key, "key", values, extent(setting), setting.span)
