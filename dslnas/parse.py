"""Text to syntax tree. Every definition is parsed by itself: an error in one hides none in the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lark import Token, Tree
from lark.exceptions import UnexpectedToken

from . import limits, syntax
from .convert import Converter
from .diagnostics import Diagnostic, DslnasError
from .keywords import with_keywords
from .language import lark
from .source import Source, Span
from .tokens import definitions, span_of, tokens_of, without_line

_SHOWN = {
    "_NL": "the end of the line",
    "$END": "the end of the definition",
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a quoted text",
    "COMPARE": "a comparison",
    "PIPE": "`->`",
    "DOTS": "`..`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "DOT": "`.`",
}


def parse(source: Source) -> tuple[syntax.File, list[Diagnostic]]:
    """The definitions of a source, and diagnostics for those that cannot be read."""
    file, diagnostics = _parsed(source)
    return file, list(diagnostics)


@lru_cache(maxsize=64)  # the library's files are read with every other; an editor's change one at a time
def _parsed(source: Source) -> tuple[syntax.File, tuple[Diagnostic, ...]]:
    tokens, diagnostics = tokens_of(source)
    read: list[syntax.Definition] = []
    unread: set[tuple[str, str]] = set()
    faulty = {d.span.line for d in diagnostics if d.span}
    for chunk in definitions(with_keywords(source, tokens, diagnostics)):
        # What follows from a character that means nothing is no error of its own.
        spoiled = any((chunk[0].line or 0) <= line <= (chunk[-1].line or 0) for line in faulty)
        definition = None if spoiled else _definition(source, chunk, diagnostics)
        if definition is not None:
            read.append(definition)
        else:
            unread |= _named(chunk)
    if diagnostics and not tokens:
        unread.add(("use", ""))
    return syntax.File(source, tuple(read), frozenset(unread)), tuple(diagnostics)


def parse_value(text: str, name: str) -> tuple[syntax.Expr, ...]:
    """The value of a setting given outside a file (`--set KEY=TEXT`); raises DslnasError."""
    source = Source(name, text)
    tokens, diagnostics = tokens_of(source)
    tree = _tree(source, tokens, "setting_value", diagnostics) if not diagnostics else None
    if tree is None:
        raise DslnasError(*diagnostics)
    convert = Converter(source)
    return tuple(convert.expr(child) for child in tree.children)


def _definition(
    source: Source, tokens: Sequence[Token], diagnostics: list[Diagnostic]
) -> syntax.Definition | None:
    tree = _tree(source, tokens, "definition", diagnostics)
    try:
        return Converter(source).definition(tree) if tree is not None else None
    except DslnasError as error:
        diagnostics += error.diagnostics
        return None


def _named(tokens: Sequence[Token]) -> set[tuple[str, str]]:
    """Kind and name of a definition that cannot be read, so that nobody calls it missing."""
    kind = tokens[0].type.lower()
    name = str(tokens[1]) if len(tokens) > 1 and tokens[1].type == "NAME" else ""
    return {(kind, name)}


# --- syntax errors ------------------------------------------------------------------------------------------


def _tree(
    source: Source, tokens: Sequence[Token], start: str, diagnostics: list[Diagnostic]
) -> Tree[Token] | None:
    """The tree of tokens. After an error the line it is on is left out, to find those in the lines below."""
    result = _attempt(tokens, start)
    if isinstance(result, Tree):
        return result
    for _ in range(min(limits.TOLD, 1 + limits.REPARSED_TOKENS // (len(tokens) + 1))):
        diagnostics.append(_unexpected(source, result, tokens))
        position = _position(tokens, result.token)
        shorter = without_line(tokens, position) if position is not None else None
        if shorter is None:
            break
        tokens, resumed = shorter
        result = _attempt(tokens, start)
        if isinstance(result, Tree):
            break
        again = _position(tokens, result.token)
        if again is None or again <= resumed:
            break  # the missing line is what is wrong now
    return None


def _attempt(tokens: Sequence[Token], start: str) -> Tree[Token] | UnexpectedToken:
    parser = lark().parse_interactive(start=start)
    try:
        for token in tokens:
            parser.feed_token(token)
        tree: Tree[Token] = parser.feed_eof(tokens[-1] if tokens else None)  # type: ignore[no-untyped-call]
        return tree
    except UnexpectedToken as error:
        return error


def _position(tokens: Sequence[Token], token: Token) -> int | None:
    """Where a token stands among others; None at the end."""
    return next((place for place, other in enumerate(tokens) if other is token), None)


def _unexpected(source: Source, error: UnexpectedToken, tokens: Sequence[Token]) -> Diagnostic:
    token = error.token
    expected = [_SHOWN.get(name, f"`{name.lower()}`") for name in sorted(error.accepts or error.expected)]
    wanted = f"expected {', '.join(expected)}" if len(expected) <= 6 else ""
    if token.type == "$END":  # LALR reports the end at the last token
        if not tokens:
            return Diagnostic("N0101", "a value is missing", Span(source, 1, 1, 1, 1))
        last = span_of(source, tokens[-1])
        place = Span(source, last.end_line, last.end_column, last.end_line, last.end_column + 1)
        return Diagnostic("N0101", "the definition ends too early", place, help=wanted)
    place = span_of(source, token)
    if token.type == "_NL":
        place = Span(source, place.line, place.column, place.line, place.column + 1)
        return Diagnostic("N0101", "the end of the line is not expected here", place, help=wanted)
    return Diagnostic("N0101", f"`{token}` is not expected here", place, help=wanted)
