"""The open brackets around each token of a definition, complete or not, and the kind of their content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lark import Token

Block = Literal[
    "settings", "space", "cell", "op", "network", "set", "options", "call", "group", "index", "parameters"
]

_OPENING = frozenset(("LBRACE", "LPAR", "LSQB"))
_CLOSING = frozenset(("RBRACE", "RPAR", "RSQB"))


@dataclass(frozen=True)
class Bracket:
    """An open bracket: the kind of its content, the word that decides it, its index among the tokens."""

    block: Block
    word: str
    index: int
    outer: Bracket | None  # the one around it

    def outwards(self) -> Iterator[Bracket]:
        """This bracket and those around it."""
        bracket: Bracket | None = self
        while bracket is not None:
            yield bracket
            bracket = bracket.outer


def nesting(tokens: Sequence[Token]) -> list[Bracket | None]:
    """The innermost bracket that is open before each token, and after the last."""
    around: list[Bracket | None] = [None]
    for index, token in enumerate(tokens):
        open = around[-1]
        if token.type in _OPENING:
            open = _opened(tokens, index, open)
        elif token.type in _CLOSING and open is not None:
            open = open.outer
        around.append(open)
    return around


def _opened(tokens: Sequence[Token], index: int, outer: Bracket | None) -> Bracket:
    """The bracket at an index; the tokens before it decide the kind of its content."""
    first = tokens[0].type if index else ""
    last = tokens[index - 1].type if index else ""
    word = str(tokens[index - 1]) if index else ""
    if tokens[index].type == "LSQB":
        return Bracket("index", word, index, outer)
    if tokens[index].type == "LPAR":
        head = index == 2 or (index > 1 and tokens[index - 2].type == "CELL")
        block: Block = "parameters" if head else "call" if last == "NAME" else "group"
        return Bracket(block, word, index, outer)
    if last == "CHOOSE":
        return Bracket("options", word, index, outer)
    if last == "WITH":  # `cell reduction = normal with {`
        return Bracket("settings", str(tokens[max(0, index - 5)]), index, outer)
    if outer is None and first not in ("OP", "SPACE"):
        return Bracket("settings", str(tokens[0]), index, outer)
    if outer is None:
        return Bracket("op" if first == "OP" else "space", word, index, outer)
    if word == "network":
        return Bracket("network", word, index, outer)
    return Bracket("cell" if last == "RPAR" else "set", word, index, outer)
