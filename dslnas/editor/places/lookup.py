"""Lookup by place: from a line and a column to the token and to the nodes of the syntax tree there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lark import Token

from ...base.source import Source, Span
from ...parse import syntax
from ...parse.tokens import definitions, span_of, tokens_of


@dataclass(frozen=True)
class Place:
    """A line and a column, both from 1: the gap before the character that stands there."""

    line: int
    column: int

    @property
    def key(self) -> tuple[int, int]:
        """Line and column, to compare places."""
        return (self.line, self.column)


def contains(span: Span, place: Place) -> bool:
    """Whether a place touches a span; its end counts, where a cursor stands after a word."""
    return (span.line, span.column) <= place.key <= (span.end_line, span.end_column)


@dataclass(frozen=True)
class Chunk:
    """The tokens of one definition, whether it can be parsed or not."""

    source: Source
    tokens: tuple[Token, ...]

    @property
    def kind(self) -> str:
        """The keyword it begins with, such as `op`, or whatever word it begins with."""
        return str(self.tokens[0])

    @property
    def name(self) -> Token | None:
        """The name that follows the keyword."""
        named = len(self.tokens) > 1 and self.tokens[1].type == "NAME"
        return self.tokens[1] if named else None

    @property
    def name_span(self) -> Span:
        """The span of the name, or of the keyword where there is none."""
        return span_of(self.source, self.name if self.name is not None else self.tokens[0])

    @property
    def span(self) -> Span:
        """From the first token to the last."""
        return span_of(self.source, self.tokens[0]).to(span_of(self.source, self.tokens[-1]))


class Text:
    """The tokens of a source, and the chunks of them that are its definitions, broken ones included."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the lexer, newlines that separate included."""
        return tokens_of(self.source)[0]

    @cached_property
    def chunks(self) -> list[Chunk]:
        """The tokens by definitions, in the order of the text."""
        return [Chunk(self.source, tuple(tokens)) for tokens in definitions(self.tokens)]

    def token_at(self, place: Place) -> Token | None:
        """The token at a place; of two that meet there, the name or the number."""
        touching = [t for t in self.tokens if t.type != "_NL" and contains(span_of(self.source, t), place)]
        words = [token for token in touching if token[:1].isalnum() or token[:1] == "_"]
        return next(iter(words or touching), None)

    def before(self, place: Place) -> list[Token]:
        """The tokens that end before a place or at it, from the beginning of the definition around it."""
        started = [chunk for chunk in self.chunks if (chunk.span.line, chunk.span.column) <= place.key]
        tokens = started[-1].tokens if started else ()
        return [token for token in tokens if (token.end_line or 0, token.end_column or 0) <= place.key]


def nodes_at(file: syntax.File, place: Place) -> list[object]:
    """The nodes of the tree around a place, from the definition to the innermost expression."""
    found: list[object] = []
    frontier: Iterator[object] = iter(file.definitions)
    while True:
        around = next((node for node in frontier if contains(extent(node), place)), None)
        if around is None:
            return found
        found.append(around)
        frontier = iter(_children(around))


def extent(node: object) -> Span:
    """The span of all the text of a node; the `span` of a node that defines a name is that name alone."""
    span: Span = node.span  # type: ignore[attr-defined]
    if isinstance(node, syntax.Expr):
        return span
    for child in _children(node):
        inner = extent(child)
        if (inner.end_line, inner.end_column) > (span.end_line, span.end_column):
            span = span.to(inner)
        if (inner.line, inner.column) < (span.line, span.column):
            span = inner.to(span)
    return span


def _children(node: object) -> list[object]:
    """The nodes directly in a node, in the order of the text."""
    found: list[object] = []
    frontier = list(reversed(vars(node).values()))
    while frontier:
        value = frontier.pop()
        if isinstance(value, tuple):
            frontier += reversed(value)
        elif isinstance(value, syntax.Block):
            frontier += (value.value, *reversed(value.lets))
        elif hasattr(value, "span"):
            found.append(value)
    return found
