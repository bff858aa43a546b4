"""Semantic tokens: what each word of a text means, by which editors colour it beyond what a grammar knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lark import Token

from ..base.source import Span
from ..ir.primitives import REGISTRY
from ..parse.grammar import keywords
from ..parse.tokens import span_of
from ..resolve.library import shipped
from .places.signatures import FUNCTION_WORDS, PLACE_WORDS, SPACE_WORDS
from .places.symbols import Symbol
from .workspace import Analysis, file_of

# The words of LSP for kinds of tokens and for what else is known of one.
MEANINGS = (
    "keyword", "number", "string", "function", "class", "struct", "enum", "enumMember", "parameter",
    "variable", "property",
)  # fmt: skip
MARKS = ("declaration", "defaultLibrary")
_OF_SYMBOLS: Mapping[str, str] = {
    "operation": "function",
    "front end": "function",
    "space": "class",
    "method": "class",
    "profile": "class",
    "genotype": "class",
    "cell": "struct",
    "set": "enum",
    "candidate": "enumMember",
    "parameter": "parameter",
    "input": "parameter",
}


@dataclass(frozen=True)
class Meaning:
    """A word of a text: its span, its kind, and its marks, as of `MEANINGS` and `MARKS`."""

    span: Span
    kind: str
    marks: tuple[str, ...] = ()


def meanings(analysis: Analysis) -> Iterator[Meaning]:
    """The words of a text that mean something, in the order of the text; comments and signs are none."""
    symbols = {(one.span.line, one.span.column): one for one in analysis.occurrences}
    words, tokens = keywords(), analysis.text.tokens
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        span = span_of(analysis.source, token)
        if span.line != span.end_line:
            continue
        found = symbols.get((span.line, span.column))
        if found is not None and found.span.end_column <= span.end_column:
            yield _of_symbol(found.span, found.symbol, analysis)
        elif token.type in ("NUMBER", "STRING"):
            yield Meaning(span, token.type.lower())
        elif token in words:
            key = following is not None and following.type == "COLON"
            yield Meaning(span, "property" if key else "keyword")
        elif token.type == "NAME":
            yield from _of_name(token, span, following)


def _of_symbol(span: Span, symbol: Symbol, analysis: Analysis) -> Meaning:
    """What a name that is defined means, and whether it is defined here or comes with dslnas."""
    marks = ("declaration",) if span == symbol.span else ()
    if symbol.span.source != analysis.source and _shipped(symbol):
        marks = ("defaultLibrary",)
    return Meaning(span, _OF_SYMBOLS.get(symbol.kind, "variable"), marks)


def _shipped(symbol: Symbol) -> bool:
    return file_of(symbol.span.source).is_relative_to(shipped().resolve())


def _of_name(token: Token, span: Span, following: Token | None) -> Iterator[Meaning]:
    """What a name means that no file defines: a key, a primitive, a word of its place."""
    if following is not None and following.type in ("COLON", "DOT"):
        yield Meaning(span, "property")
    elif token in REGISTRY or token in FUNCTION_WORDS:
        own = token in REGISTRY and REGISTRY[token].file is not None
        yield Meaning(span, "function", () if own else ("defaultLibrary",))
    elif token in PLACE_WORDS or token in SPACE_WORDS:
        yield Meaning(span, "variable", ("defaultLibrary",))
