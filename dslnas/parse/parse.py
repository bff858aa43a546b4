"""The parser: text to syntax tree. Definitions are parsed one by one, so that one error hides no other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from lark import Token, Tree
from lark.exceptions import UnexpectedToken

from ..base import limits
from ..base.diagnostics import Diagnostic, DslnasError
from ..base.source import Source, Span
from . import syntax
from .convert import Converter
from .foreign import BEGINNINGS, syntax_like
from .grammar import lark
from .misspelled import with_keywords
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
    """The definitions of a source, and a diagnostic for each syntax error."""
    file, diagnostics = _parsed(source)
    return file, list(diagnostics)


@lru_cache(maxsize=64)  # shipped files are parsed again with every other; in an editor few files change
def _parsed(source: Source) -> tuple[syntax.File, tuple[Diagnostic, ...]]:
    tokens, diagnostics = tokens_of(source)
    read: list[syntax.Definition] = []
    rests: list[syntax.Rest] = []
    unread: set[tuple[str, str]] = set()
    faulty = {d.span.line for d in diagnostics if d.span}
    for chunk in definitions(with_keywords(source, tokens, diagnostics)):
        definition = _definition(source, chunk, faulty, diagnostics)
        if isinstance(definition, syntax.Rest):
            rests.append(definition)
        elif definition is not None:
            read.append(definition)
        if not read or read[-1] is not definition:
            unread |= _named(chunk)
    if diagnostics and not tokens:
        unread.add(("use", ""))
    return syntax.File(source, tuple(read), frozenset(unread), tuple(rests)), tuple(diagnostics)


def parse_value(text: str, name: str) -> tuple[syntax.Expr, ...]:
    """The value of a setting given outside a file (`--set KEY=TEXT`); raises DslnasError N0101."""
    source = Source(name, text)
    tokens, diagnostics = tokens_of(source)
    tree = _tree(source, tokens, "setting_value", diagnostics)[0] if not diagnostics else None
    if tree is None or diagnostics:
        raise DslnasError(*diagnostics)
    convert = Converter(source)
    return tuple(convert.expr(child) for child in tree.children)


def _definition(
    source: Source, tokens: Sequence[Token], faulty: Collection[int], diagnostics: list[Diagnostic]
) -> syntax.Definition | syntax.Rest | None:
    """The definition of tokens, or what is left of it without its reported lines; None where nothing is.

    faulty: lines with characters that mean nothing; no error that follows from these is reported.
    """
    clean = _without_faulty(tokens, faulty)
    if clean is None:
        return None
    tree, kept = _tree(source, clean, "definition", diagnostics if clean is tokens else [])
    if tree is None:
        return None
    try:
        definition = Converter(source).definition(tree)
    except DslnasError as error:
        diagnostics += error.diagnostics
        return None
    if kept is tokens:
        return definition
    still_there = {id(token) for token in kept}
    lost = (str(token) for token in tokens if token.type == "NAME" and id(token) not in still_there)
    return syntax.Rest(definition, frozenset(lost))


def _without_faulty(tokens: Sequence[Token], faulty: Collection[int]) -> Sequence[Token] | None:
    """The tokens without faulty lines, the same where there are none; None where nothing would be left."""
    while True:
        place = next((place for place, token in enumerate(tokens) if token.line in faulty), None)
        if place is None:
            return tokens
        shorter = without_line(tokens, place)
        if shorter is None or len(shorter[0]) == len(tokens):  # the line that closes it cannot be left out
            return None
        tokens = shorter[0]


def _named(tokens: Sequence[Token]) -> set[tuple[str, str]]:
    """Kind and name of a definition that cannot be read, so that its uses are not reported as unknown."""
    kind = BEGINNINGS[tokens[0]][0] if tokens[0] in BEGINNINGS else tokens[0].type.lower()
    name = str(tokens[1]) if len(tokens) > 1 and tokens[1].type == "NAME" else ""
    return {(kind, name)}


# --- syntax errors ------------------------------------------------------------------------------------------


def _tree(
    source: Source, tokens: Sequence[Token], start: str, diagnostics: list[Diagnostic]
) -> tuple[Tree[Token] | None, Sequence[Token]]:
    """The parse tree of tokens, and the tokens it is made of.

    After an error its line is left out, so that errors in later lines are found too (error recovery).
    """
    result = _attempt(tokens, start)
    tries = min(limits.REPORTED, 1 + limits.REPARSED_TOKENS // (len(tokens) + 1))
    while not isinstance(result, Tree):
        diagnostics.append(_unexpected(source, result, tokens))
        tries -= 1
        position = _position(tokens, result.token)
        shorter = without_line(tokens, position) if position is not None else None
        if shorter is None or not tries:
            return None, tokens
        tokens, resumed = shorter
        result = _attempt(tokens, start)
        if not isinstance(result, Tree):
            again = _position(tokens, result.token)
            if again is None or again <= resumed:
                return None, tokens  # this error comes from leaving the line out
    return result, tokens


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
    """The index of a token among others; None at the end."""
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
    at = _position(tokens, token)
    foreign = syntax_like(tokens, at) if at is not None else ""
    help = _key_of_its_own(tokens, token) or foreign or _default(tokens, at, error) or wanted
    return Diagnostic("N0101", f"`{token}` is not expected here", place, help=help)


def _default(tokens: Sequence[Token], at: int | None, error: UnexpectedToken) -> str:
    """The help for a colon behind the name of a parameter; else empty."""
    if at is None or tokens[at].type != "COLON" or "EQUAL" not in (error.accepts or error.expected):
        return ""
    return f"a parameter gets its value by `=`: `{tokens[at - 1]} = ...`"


def _key_of_its_own(tokens: Sequence[Token], token: Token) -> str:
    """The help where a second key begins on a line, `space: A method: b`; else empty."""
    place = _position(tokens, token)
    if not place or place + 1 >= len(tokens):
        return ""
    before, after = tokens[place - 1], tokens[place + 1]
    return f"begin a new line before `{token}`" if after == ":" and before.line == token.line else ""
