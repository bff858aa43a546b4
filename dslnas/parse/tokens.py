"""The lexer: text to tokens, with newlines only where they separate, and split into definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from lark import Token
from lark.exceptions import UnexpectedCharacters

from ..base import limits
from ..base.diagnostics import Diagnostic
from ..base.source import Source, Span, start_of
from .foreign import SIGNS
from .grammar import lark

DEFINITIONS = frozenset(
    ("USE", "OP", "SPACE", "METHOD", "FRONTEND", "PROFILE", "EXPERIMENT", "SWEEP", "GENOTYPE")
)

OPEN = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSE = {closing: opening for opening, closing in OPEN.items()}
_OPERATORS = ("PIPE", "DOTS", "PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "COMMA")
# A line that ends with one of these goes on in the next.
GOES_ON_AFTER = frozenset(
    (*_OPERATORS, "EQUAL", "COLON", *OPEN, "IF", "THEN", "ELSE", "AND", "OR", "CHOOSE", "WITH", "_NL")
)
# A line that begins with one of these continues the one before.
GOES_ON_BEFORE = frozenset(
    (*_OPERATORS, *CLOSE, "THEN", "ELSE", "AND", "OR", "KEEP", "AFTER", "FROM", "TO", "WITH", "FOR", "_NL")
)


def tokens_of(source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """The tokens of a source, and diagnostics; characters that begin no token are read as spaces."""
    text, diagnostics = source.text, list[Diagnostic]()
    if len(text) > limits.FILE_BYTES:
        return [], [_too_long(source, f"{limits.FILE_BYTES:,} characters")]
    while True:
        try:
            tokens = list(islice(lark().lex(text), limits.TOKENS + 1))
            if len(tokens) > limits.TOKENS:
                return [], [_too_long(source, f"{limits.TOKENS:,} names, numbers, signs and lines")]
            return _layout(source, tokens, diagnostics), diagnostics
        except UnexpectedCharacters as error:
            diagnostic, end = _meaningless(source, text, error)
            diagnostics.append(diagnostic)
            if len(diagnostics) == limits.REPORTED:
                return [], diagnostics
            start = error.pos_in_stream or 0
            text = text[:start] + " " * (end - start) + text[end:]


def _too_long(source: Source, limit: str) -> Diagnostic:
    help = "a space is a few hundred lines: `repeat times cell` and `op` say what is alike once"
    return Diagnostic("N0102", f"the text is longer than {limit}", start_of(source), help=help)


def _meaningless(source: Source, text: str, error: UnexpectedCharacters) -> tuple[Diagnostic, int]:
    """The diagnostic for a character that begins no token, and the offset at which reading goes on."""
    start = error.pos_in_stream or 0
    if text[start] == '"':
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        message, help = "this quoted text does not end", 'close it with `"` on the same line'
    else:
        end = start + 1
        while end < len(text) and text[end] == text[start]:
            end += 1
        shown = text[start] if text[start].isprintable() else f"U+{ord(text[start]):04X}"
        message, help = f"`{shown}` means nothing here", SIGNS.get(shown, "")
    place = Span(source, error.line, error.column, error.line, error.column + end - start)
    return Diagnostic("N0101", message, place, help=help), end


def _layout(source: Source, tokens: list[Token], diagnostics: list[Diagnostic]) -> list[Token]:
    """Leave out the newlines that separate nothing; report brackets that nest too deeply."""
    kept: list[Token] = []
    nesting: list[Token] = []
    for index, token in enumerate(tokens):
        if token.type == "_NL":
            inside = bool(nesting) and nesting[-1].type != "LBRACE"
            if (
                inside
                or not kept
                or kept[-1].type in GOES_ON_AFTER
                or _continues(tokens[index + 1 : index + 3])
            ):
                continue
        elif _begins_definition(token, tokens[index + 1] if index + 1 < len(tokens) else None):
            nesting.clear()  # an unclosed bracket must not swallow the next definition
        elif token.type in OPEN:
            nesting.append(token)
            if len(nesting) == limits.BRACKETS:
                message = f"brackets nest deeper than {limits.BRACKETS}"
                diagnostics.append(Diagnostic("N0103", message, span_of(source, token)))
                return []
        elif problem := _unfit(token):
            diagnostics.append(Diagnostic("N0101", problem, span_of(source, token)))
            return []
        elif token.type in CLOSE and nesting and nesting[-1].type == CLOSE[token.type]:
            nesting.pop()
        kept.append(token)
    return kept


def _unfit(token: Token) -> str:
    """What is wrong with the characters of a token; empty where nothing is."""
    if len(token) > limits.TOKEN_LENGTH:
        return f"a name, a number or a quoted text has at most {limits.TOKEN_LENGTH} characters"
    if token.type == "STRING" and not token.isprintable():
        return "this quoted text holds a character that cannot be seen"
    return ""


def _continues(coming: Sequence[Token]) -> bool:
    """Whether the line that begins with these tokens continues the one before; a keyword may be a key."""
    is_key = len(coming) == 2 and coming[1].type in ("COLON", "DOT", "EQUAL") and coming[0].isalpha()
    return not coming or (coming[0].type in GOES_ON_BEFORE and not is_key)


def _begins_definition(token: Token, after: Token | None) -> bool:
    """Whether a definition begins here: with its keyword in the first column."""
    is_key = after is not None and after.type in ("COLON", "DOT")
    return token.type in DEFINITIONS and token.column == 1 and not is_key


def definitions(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each definition, without the newlines around it."""
    chunk: list[Token] = []
    for token, after in zip_longest(tokens, tokens[1:]):
        if _begins_definition(token, after) and chunk:
            yield _trimmed(chunk)
            chunk = []
        if chunk or token.type != "_NL":
            chunk.append(token)
    if chunk:
        yield _trimmed(chunk)


def _trimmed(tokens: list[Token]) -> list[Token]:
    while tokens and tokens[-1].type == "_NL":
        tokens = tokens[:-1]
    return tokens


def without_line(tokens: Sequence[Token], position: int) -> tuple[list[Token], int] | None:
    """The tokens without the line around a position, and the index at which that line began.

    None where the line is the head of the definition: nothing is left to parse then.
    """
    start = _line_start(tokens, position)
    if start == 0:
        return None
    stop, depth = position, 0
    while stop < len(tokens):
        kind = tokens[stop].type
        depth += (kind == "LBRACE") - (kind == "RBRACE")
        if depth < 0 or (depth == 0 and kind == "_NL"):
            break
        stop += 1
    if stop < len(tokens) and tokens[stop].type == "_NL":
        stop += 1
    return [*tokens[:start], *tokens[stop:]], start


def _line_start(tokens: Sequence[Token], position: int) -> int:
    """The index of the first token of the line around a position: after a newline or an open brace."""
    depth = 0
    for start in range(position, 0, -1):
        kind = tokens[start - 1].type
        depth += (kind == "RBRACE") - (kind == "LBRACE")
        if depth < 0 or (depth == 0 and kind == "_NL"):
            return start
    return 0


def span_of(source: Source, token: Token) -> Span:
    """The span of a token."""
    line, column = token.line or 1, token.column or 1
    return Span(source, line, column, token.end_line or line, token.end_column or column + 1)
