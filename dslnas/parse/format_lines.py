"""The layout of a file, for the formatter: words with the comments before them, lines, blocks of lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lark import Token

from ..base.source import Source
from .tokens import tokens_of

OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE", "LCHOOSE": "RCHOOSE"}
CLOSING = frozenset(OPENING.values())
ENDS_OPERAND = frozenset(("NAME", "NUMBER", "STRING", *CLOSING))

_COMMENT = re.compile(r"#[^\n]*")


@dataclass(frozen=True)
class Comment:
    """A comment; on a line of its own, perhaps after an empty one, or at the end of a line."""

    text: str
    own_line: bool
    blank: bool


@dataclass(frozen=True)
class Word:
    """A token, and what stands between it and the one before.

    kind: its terminal; the braces of `choose` are LCHOOSE and RCHOOSE, a minus before an operand is NEGATIVE.
    depth: how many brackets of its line are open around it. on_new_line: whether a line ends before it;
    blank: whether an empty one does; wide: whether it follows on the line after several spaces.
    """

    text: str
    kind: str
    depth: int = 0
    comments: tuple[Comment, ...] = ()
    on_new_line: bool = False
    blank: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Line:
    """One logical line, up to a newline token: its words, and the block that the last of them may open."""

    words: tuple[Word, ...]
    block: Block | None = None


@dataclass(frozen=True)
class Block:
    """The lines in braces that stand on lines of their own, and the closing brace."""

    lines: tuple[Line, ...]
    end: Word


def lines_of(source: Source) -> tuple[tuple[Line, ...], tuple[Comment, ...]]:
    """The lines of a source without syntax errors, and the comments after the last of them."""
    tokens, diagnostics = tokens_of(source)
    assert not diagnostics, diagnostics
    last = tokens[-1].end_pos if tokens else 0
    rest = _gap(source.text[last or 0 :], is_first=not tokens)
    return _Reader(source, tokens).lines(), rest.comments


@dataclass
class _Reader:
    """Reads the tokens of a source into lines and blocks."""

    source: Source
    tokens: Sequence[Token]
    at: int = 0
    last_end: int = 0
    pending: list[Word] = field(default_factory=list)  # commas left out, whose comments the next word gets

    def lines(self, is_set: bool = False) -> tuple[Line, ...]:
        """The lines up to the closing brace of the block around them, or up to the end.

        is_set: whether a comma ends a line as well, as it does among candidates.
        """
        found: list[Line] = []
        words: list[Word] = []
        open: list[str] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.type == "RBRACE" and not open:
                break
            if token.type == "_NL" or (token.type == "COMMA" and is_set and not open):
                if token.type == "COMMA":
                    self.pending.append(self._word())
                else:
                    self.at += 1
                found += [Line(tuple(words))] if words else []
                words = []
                continue
            is_choice = bool(words) and words[-1].kind == "CHOOSE"
            if token.type == "LBRACE" and not open and not is_choice and not self._is_inline():
                found.append(self._with_block(words))
                words = []
                continue
            words.append(self._placed(words, open))
        return (*found, Line(tuple(words))) if words else tuple(found)

    def _placed(self, words: Sequence[Word], open: list[str]) -> Word:
        """The next word after those of its line; `open` are the brackets around it."""
        word = self._word()
        before = words[-1].kind if words else ""
        if word.kind == "LBRACE" and before == "CHOOSE":
            word = replace(word, kind="LCHOOSE")
        elif word.kind == "MINUS" and before not in ENDS_OPERAND:
            word = replace(word, kind="NEGATIVE")
        elif word.kind in ("RPAR", "RSQB", "RBRACE"):
            word = replace(word, kind=OPENING[open.pop()])
        word = replace(word, depth=len(open))
        if word.kind in OPENING:
            open.append(word.kind)
        return word

    def _with_block(self, words: list[Word]) -> Line:
        is_set = len(words) == 1 and words[0].kind == "NAME"
        opening = self._word()
        inner = self.lines(is_set)
        return Line((*words, opening), Block(inner, self._word()))

    def _is_inline(self) -> bool:
        """Whether the block that begins here ends on the same line of text."""
        depth = 0
        for token in self.tokens[self.at :]:
            depth += (token.type == "LBRACE") - (token.type == "RBRACE")
            if depth == 0:
                return token.line == self.tokens[self.at].line
        return False

    def _word(self) -> Word:
        token = self.tokens[self.at]
        start, end = token.start_pos or 0, token.end_pos or 0
        gap = _gap(self.source.text[self.last_end : start], is_first=self.last_end == 0)
        before, self.pending = self.pending, []
        self.at, self.last_end = self.at + 1, end
        return Word(
            str(token),
            token.type,
            comments=(*(comment for word in before for comment in word.comments), *gap.comments),
            on_new_line=gap.on_new_line or any(word.on_new_line for word in before),
            blank=gap.blank,
            wide=gap.wide,
        )


def _gap(text: str, is_first: bool) -> Word:
    """What stands between two tokens, as a word without text."""
    comments: list[Comment] = []
    at = 0
    for match in _COMMENT.finditer(text):
        ended = text.count("\n", at, match.start())
        own_line = ended > 0 or (is_first and not comments)
        comments.append(Comment(match[0].rstrip(), own_line, ended > 1))
        at = match.end()
    blank = text.count("\n", at) > 1
    wide = "\n" not in text and (len(text) > 1 or "\t" in text)
    return Word("", "", 0, tuple(comments), "\n" in text, blank, wide)
