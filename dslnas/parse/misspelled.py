"""Misspelled keywords: told once, and read as what they mean, so that what they begin is checked as well."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from lark import Token

from ..base.diagnostics import Diagnostic
from ..base.source import Source
from ..base.spelling import closest
from .tokens import DEFINITIONS, span_of

# What may follow a name that begins a line if it is a keyword; no name of a file is followed by these.
_AFTER_DEFINITION = ("NAME", "STRING", "LBRACE")
_AFTER_ITEM = ("NAME",)
_ITEMS = ("let", "cell", "node")  # of operations, cells and spaces


def with_keywords(source: Source, tokens: Sequence[Token], diagnostics: list[Diagnostic]) -> list[Token]:
    """The tokens with the keyword in the place of each name that is a misspelled one, which is reported."""
    result: list[Token] = []
    depth = 0
    for token, after in zip_longest(tokens, tokens[1:]):
        depth += (token.type == "LBRACE") - (token.type == "RBRACE")
        begins_line = not result or result[-1].type in ("_NL", "LBRACE")
        meant = _meant(token, after, depth) if begins_line and token.type == "NAME" and after else ""
        if meant:
            message, help = f"`{token}` is no keyword", f"did you mean `{meant}`?"
            diagnostics.append(Diagnostic("N0101", message, span_of(source, token), help=help))
            token = token.update(type=meant.upper())
        result.append(token)
    return result


def _meant(token: Token, after: Token | None, depth: int) -> str:
    """The keyword that a name at the beginning of a line is close to; empty where there is none."""
    follows = after.type if after is not None else ""
    if depth == 0 and token.column == 1 and follows in _AFTER_DEFINITION:
        return closest(str(token), sorted(name.lower() for name in DEFINITIONS))
    return closest(str(token), _ITEMS) if depth > 0 and follows in _AFTER_ITEM else ""
