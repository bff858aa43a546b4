"""Where a cursor stands: what is written before it, in which brackets, and which keywords may come next.

Only the text before the cursor counts, so that a definition that is being written need not be whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lark import Token
from lark.exceptions import UnexpectedToken

from ..language import keywords, lark
from ..source import Source, Span
from ..tokens import GOES_ON_AFTER, GOES_ON_BEFORE
from .lookup import Place, Text

Block = Literal["settings", "space", "cell", "op", "set", "options", "call", "group", "index", "parameters"]

_WORD = re.compile(r"[A-Za-z_]\w*$")
_QUOTED = re.compile(r'^use\s+"([^"]*)$')
_VARIABLE = re.compile(r"\bfor\s+(\w+)\s+in\b")  # read before it is made
_OPENING = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQB": "RSQB"}
_CLOSING = frozenset(_OPENING.values())


@dataclass(frozen=True)
class Bracket:
    """An open bracket: what it holds, the word before it, and the place of its token."""

    block: Block
    word: str
    index: int


class Context:
    """What there is to know of a place where something is written."""

    def __init__(self, source: Source, place: Place) -> None:
        line = source.line(place.line)[: place.column - 1]
        found = _WORD.search(line)
        self.source, self.place = source, place
        self.line = line
        self.prefix = found[0] if found else ""
        self.column = place.column - len(self.prefix)

    @property
    def typed(self) -> Span:
        """The word that is being written: what a completion replaces."""
        return self._since(self.column)

    def _since(self, column: int) -> Span:
        return Span(self.source, self.place.line, column, self.place.line, self.place.column)

    @property
    def quoted(self) -> Span | None:
        """The file name that is being written in a `use`."""
        found = _QUOTED.match(self.line)
        return self._since(self.place.column - len(found[1])) if found else None

    @property
    def silent(self) -> bool:
        """Whether this is a comment or a quoted text."""
        outside = re.sub(r'"[^"]*"', "", self.line)
        return "#" in outside or '"' in outside

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the definition before the word that is being written; none where one begins."""
        if self.column == 1:
            return []
        lines = [*self.source.lines[: self.place.line - 1], self.line[: self.column - 1]]
        chunks = Text(Source(self.source.name, "\n".join(lines))).chunks
        tokens = list(chunks[-1].tokens) if chunks else []
        if tokens and self._begins_line(tokens):
            tokens.append(Token("_NL", "\n"))
        return tokens

    def _begins_line(self, tokens: Sequence[Token]) -> bool:
        """Whether a newline separates the tokens from what comes; at the end of a text it is not kept."""
        last, open = tokens[-1], _brackets(tokens)
        inside = bool(open) and tokens[open[-1].index].type != "LBRACE"
        return (last.end_line or 0) < self.place.line and not inside and last.type not in GOES_ON_AFTER

    @property
    def kind(self) -> str:
        """The keyword of the definition, such as `op`; empty between definitions."""
        return str(self.tokens[0]) if self.tokens else ""

    @cached_property
    def brackets(self) -> list[Bracket]:
        """The open brackets, outermost first."""
        return _brackets(self.tokens)

    @property
    def block(self) -> Block | None:
        """What the innermost open bracket holds."""
        return self.brackets[-1].block if self.brackets else None

    @property
    def in_cell(self) -> bool:
        """Whether this is in the braces of a cell."""
        return any(bracket.block == "cell" for bracket in self.brackets)

    def before(self, count: int = 1) -> str:
        """The kind of the last token but `count - 1`; empty where there are fewer."""
        return self.tokens[-count].type if len(self.tokens) >= count else ""

    @property
    def path(self) -> list[str]:
        """The parts of a key that stand before the word, `mix` before `mix.ed`."""
        parts: list[str] = []
        tokens = self.tokens
        while len(tokens) >= 2 and tokens[-1].type == "DOT":
            parts.insert(0, str(tokens[-2]))
            tokens = tokens[:-2]
        return parts

    @property
    def dotted(self) -> Span:
        """The key that is being written, with all its parts."""
        parts = self.path
        if not parts:
            return self.typed
        return self._since(self.tokens[-2 * len(parts)].column or self.column)

    @property
    def key(self) -> str | None:
        """The key whose value is being written in the innermost settings; None where a key is written."""
        around = [b for b in self.brackets if b.block not in ("call", "group", "index", "options")]
        if not around or around[-1].block != "settings":
            return None
        start = around[-1].index
        key: list[str] = []
        reading = True  # a key, not its value
        for token in self.tokens[start + 1 :]:
            if token.type == "_NL":
                key, reading = [], True
            elif token.type in ("COLON", "EQUAL"):
                reading = False
            elif reading:
                key.append(str(token))
        return None if reading else "".join(key)

    @property
    def base_kind(self) -> str | None:
        """What a definition that is being written may derive from: after `space Mine =` the `space`."""
        match [token.type for token in self.tokens[-3:]]:
            case ["SPACE" | "METHOD" | "PROFILE" | "CELL" as kind, "NAME", "EQUAL"]:
                return kind.lower()
            case [*_, "OF"]:
                return "space"
        return None

    @property
    def words(self) -> set[str]:
        """The keywords that the grammar allows here; where a line begins, also those that continue one."""
        if self.before() != "_NL":
            return _accepted(self.tokens)
        going_on = {word for word in _accepted(self.tokens[:-1]) if word.upper() in GOES_ON_BEFORE}
        return _accepted(self.tokens) | going_on

    def made(self) -> Iterator[tuple[str, str]]:
        """The names that the definition makes before this place and that can be seen here: kind and name."""
        yield from (("variable", name) for name in _VARIABLE.findall(self.source.line(self.place.line)))
        start = max((n for n, token in enumerate(self.tokens) if token.type == "CELL"), default=0)
        inside = self.in_cell
        for index, token in enumerate(self.tokens):
            hidden = index < start if inside else self._in_cell(index)
            before = self.tokens[index - 1].type if index else ""
            if token.type != "NAME":
                continue
            if before == "CELL":
                yield "cell", str(token)
            elif before == "LET" and not hidden:
                yield "intermediate", str(token)
            elif before == "NODE" and not hidden:
                yield "node", str(token)
            elif before in ("LPAR", "COMMA") and self._is_parameter(index, start if inside else 0):
                yield ("input" if inside and index > start else "parameter"), str(token)
            elif before in ("LBRACE", "_NL") and self._next(index) == "LBRACE":
                yield "set", str(token)

    def _next(self, index: int) -> str:
        return self.tokens[index + 1].type if index + 1 < len(self.tokens) else ""

    def _in_cell(self, index: int) -> bool:
        return any(bracket.block == "cell" for bracket in _brackets(self.tokens[: index + 1]))

    def _is_parameter(self, index: int, cell: int) -> bool:
        """Whether a name stands in the head of the definition, or of the cell around this place."""
        around = _brackets(self.tokens[:index])
        heads = (2, cell + 2)
        return len(around) > 0 and around[-1].block == "parameters" and around[-1].index in heads


def _accepted(tokens: Sequence[Token]) -> set[str]:
    """The keywords that may follow tokens; none where these are wrong already."""
    parser = lark().parse_interactive(start="definition")
    try:
        for token in tokens:
            parser.feed_token(token)
    except UnexpectedToken:
        return set()
    known = {word.upper(): word for word in keywords()}
    return {known[name] for name in parser.accepts() if name in known}  # type: ignore[no-untyped-call]


def _brackets(tokens: Sequence[Token]) -> list[Bracket]:
    open: list[Bracket] = []
    for index, token in enumerate(tokens):
        if token.type in _OPENING:
            open.append(_bracket(tokens, index, open))
        elif token.type in _CLOSING and open:
            open.pop()
    return open


def _bracket(tokens: Sequence[Token], index: int, around: Sequence[Bracket]) -> Bracket:
    """What a bracket holds, by what stands before it."""
    types = [token.type for token in tokens[:index]]
    last, word = (types[-1], str(tokens[index - 1])) if types else ("", "")
    if tokens[index].type == "LSQB":
        return Bracket("index", word, index)
    if tokens[index].type == "LPAR":
        head = len(types) == 2 or types[-2:-1] == ["CELL"]
        block: Block = "parameters" if head else "call" if last == "NAME" else "group"
        return Bracket(block, word, index)
    if last == "CHOOSE":
        return Bracket("options", word, index)
    if last == "WITH" or (not around and types[:1] not in (["OP"], ["SPACE"])):
        return Bracket("settings", _derived(tokens[:index]), index)
    if not around:
        return Bracket("op" if types[0] == "OP" else "space", word, index)
    return Bracket("cell" if last == "RPAR" else "set", word, index)


def _derived(tokens: Sequence[Token]) -> str:
    """The keyword of what takes settings: of `cell reduction = normal with` the `cell`."""
    starts = [token for token in tokens if token.type.lower() in ("cell", "space", "method", "profile")]
    return str(starts[-1]) if starts else str(tokens[0])
