"""Misspelled keywords: reported, and then parsed as the keyword that is meant, so that checking goes on."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from lark import Token

from ..base.diagnostics import Diagnostic
from ..base.source import Source
from ..base.spelling import closest
from .tokens import DEFINITIONS, span_of

# The tokens that follow a keyword at the beginning of a line, and never a name there.
_AFTER_DEFINITION = ("NAME", "STRING", "LBRACE")
_AFTER_ITEM = ("NAME",)
_ITEMS = ("let", "cell", "node")  # of operations, cells and spaces


def with_keywords(source: Source, tokens: Sequence[Token], diagnostics: list[Diagnostic]) -> list[Token]:
    """The tokens with keywords in place of misspelled ones; each is added to `diagnostics` (N0101)."""
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
    """The keyword that a name at the beginning of a line is close to; empty where none is."""
    follows = after.type if after is not None else ""
    if depth == 0 and token.column == 1 and follows in _AFTER_DEFINITION:
        return closest(str(token), sorted(name.lower() for name in DEFINITIONS))
    return closest(str(token), _ITEMS) if depth > 0 and follows in _AFTER_ITEM else ""
