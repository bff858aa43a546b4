"""Inlay hints: types after the names of intermediates and nodes, and at the ends of the lines of a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..base.source import Span
from ..parse import syntax
from ..parse.walking import nodes_in
from .hover import value_of
from .types import Facts
from .workspace import Workspace


@dataclass(frozen=True)
class Inlay:
    """A text that an editor shows at a place, and all the types where there are several."""

    line: int
    column: int
    text: str
    types: tuple[str, ...]


def inlays(workspace: Workspace, path: Path, first: int = 1, last: int | None = None) -> list[Inlay]:
    """The inlays of the lines from `first` to `last`, with symbols for channels and sizes."""
    analysis = workspace.analysis(path)
    known = _known(workspace, path)
    nodes = list(nodes_in(list(analysis.file.definitions)))
    # The candidates of a set are all of one type: it is shown once, where the set is used.
    silent = {id(option) for node in nodes if isinstance(node, syntax.Candidates) for option in node.options}
    each = (one for node in nodes if id(node) not in silent for one in _of_node(node, known))
    found = {(one.line, one.column): one for one in each}
    ends = last if last is not None else len(analysis.source.lines)
    return [found[place] for place in sorted(found) if first <= place[0] <= ends]


def _known(workspace: Workspace, path: Path) -> Facts:
    """The types in a file, from the first file whose spaces use it."""
    source = workspace.analysis(path).source
    for witness in workspace.witnesses(path):
        if any(span.source == source for span in witness.types):
            return witness.types
    return {}


def _of_node(node: object, known: Facts) -> Iterator[Inlay]:
    match node:
        case syntax.NodeArray() | syntax.Let():
            yield from _inlay(node.span, value_of(node), ": ", known)
        case syntax.Pipe() if node.span.line != node.span.end_line:
            stages = [node.value, *node.stages]
            for stage, after in zip(stages, [*stages[1:], None], strict=True):
                if after is None or after.span.line > stage.span.end_line:
                    yield from _inlay(stage.span, stage.span, " ", known)


def _inlay(place: Span, value: Span | None, lead: str, known: Facts) -> Iterator[Inlay]:
    """The types of a value after the end of a span; nothing where they are not known."""
    facts = known.get(value, ()) if value is not None else ()
    types = tuple(dict.fromkeys(str(fact.type) for fact in facts))
    if types:
        more = " …" if len(types) > 1 else ""
        yield Inlay(place.end_line, place.end_column, f"{lead}{types[0]}{more}", types)
