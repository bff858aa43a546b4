"""The context of a cursor: the tokens before it, the open brackets, and the keywords that may come next.

Only the text before the cursor counts, so that a definition that is being written need not be complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from lark import Token
from lark.exceptions import UnexpectedToken

from ...base.source import Source, Span
from ...parse.grammar import keywords, lark
from ...parse.tokens import GOES_ON_AFTER, GOES_ON_BEFORE
from .brackets import Block, Bracket, nesting
from .lookup import Place, Text

_WORD = re.compile(r"[A-Za-z_]\w*$")
_QUOTED = re.compile(r'^use\s+"([^"]*)$')
_VARIABLE = re.compile(r"\bfor\s+(\w+)\s+in\b")  # used before it is defined


class Context:
    """The context of a place at which something is being written."""

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
        """Whether the place is in a comment or a quoted text, where nothing is proposed."""
        outside = re.sub(r'"[^"]*"', "", self.line)
        return "#" in outside or '"' in outside

    @cached_property
    def tokens(self) -> list[Token]:
        """The tokens of the definition up to the word being written; none where a definition begins."""
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
        last, open = tokens[-1], nesting(tokens)[-1]
        inside = open is not None and tokens[open.index].type != "LBRACE"
        return (last.end_line or 0) < self.place.line and not inside and last.type not in GOES_ON_AFTER

    @property
    def kind(self) -> str:
        """The keyword of the definition, such as `op`; empty between definitions."""
        return str(self.tokens[0]) if self.tokens else ""

    @cached_property
    def _nesting(self) -> list[Bracket | None]:
        return nesting(self.tokens)

    @property
    def brackets(self) -> list[Bracket]:
        """The open brackets, outermost first."""
        innermost = self._nesting[-1]
        return [] if innermost is None else [*innermost.outwards()][::-1]

    @property
    def block(self) -> Block | None:
        """The kind of content of the innermost open bracket."""
        return self.brackets[-1].block if self.brackets else None

    @property
    def in_cell(self) -> bool:
        """Whether the place is in the braces of a cell."""
        return _cell(self._nesting[-1]) is not None

    def before(self, count: int = 1) -> str:
        """The type of the `count`-th token before the place; empty where there are fewer."""
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
        """The kind of definition that a base is being named of: after `space Mine =`, `space`."""
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
        """The names defined before this place in the definition and visible here: kind and name."""
        yield from (("variable", name) for name in _VARIABLE.findall(self.source.line(self.place.line)))
        for index, token in enumerate(self.tokens):
            kind = self._made(index) if token.type == "NAME" else None
            if kind is not None:
                yield kind, str(token)

    def _made(self, index: int) -> str | None:
        """The kind of symbol that the name at an index defines; None where it defines none, or is hidden."""
        around, before = self._nesting[index], self._type(index - 1)
        if before == "CELL":
            return "cell"
        if before in ("LET", "NODE"):
            kind = "intermediate" if before == "LET" else "node"
            ends = (_body(around), _body(self._nesting[-1]))
            return kind if ends[0] in (ends[1], None) else None
        if around is not None and around.block == "parameters" and before in ("LPAR", "COMMA"):
            inputs = self.in_cell and around.index == self._cell_word + 2
            return "parameter" if around.index == 2 else "input" if inputs else None
        opens = before in ("LBRACE", "_NL") and self._type(index + 1) == "LBRACE"
        return "set" if opens and self.tokens[index] != "network" else None

    def lets(self) -> list[str]:
        """The names that a space makes by `let` before this place, for all its text."""
        named = (
            (index, str(token)) for index, token in enumerate(self.tokens) if self._type(index - 1) == "LET"
        )
        return [name for index, name in named if self.kind == "space" and _body(self._nesting[index]) is None]

    @cached_property
    def _cell_word(self) -> int:
        """The index of the last keyword `cell`: that of the cell around this place, where there is one."""
        return max((index for index, token in enumerate(self.tokens) if token.type == "CELL"), default=0)

    def _type(self, index: int) -> str:
        return self.tokens[index].type if 0 <= index < len(self.tokens) else ""


def _cell(around: Bracket | None) -> Bracket | None:
    """The braces of the cell around a place."""
    outwards = around.outwards() if around is not None else ()
    return next((bracket for bracket in outwards if bracket.block == "cell"), None)


def _body(around: Bracket | None) -> Bracket | None:
    """The braces of the cell or of the network around a place, whose intermediates are seen in them alone."""
    outwards = around.outwards() if around is not None else ()
    return next((bracket for bracket in outwards if bracket.block in ("cell", "network")), None)


def _accepted(tokens: Sequence[Token]) -> set[str]:
    """The keywords that may follow tokens; none where the tokens have a syntax error."""
    parser = lark().parse_interactive(start="definition")
    try:
        for token in tokens:
            parser.feed_token(token)
    except UnexpectedToken:
        return set()
    known = {word.upper(): word for word in keywords()}
    return {known[name] for name in parser.accepts() if name in known}  # type: ignore[no-untyped-call]
