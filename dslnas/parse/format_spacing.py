"""Spacing within a line, for the formatter: spaces, line breaks, and the cells of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .format_lines import CLOSING, ENDS_OPERAND, OPENING, Word

_OPERATORS = ("PIPE", "DOTS", "OR", "AND", "COMPARE", "PLUS", "MINUS", "STAR", "SLASH")
# What leads its line where one is broken there.
_LEADING = frozenset((*_OPERATORS, "THEN", "ELSE", "KEEP", "AFTER", "FROM", "TO", "FOR"))
_TIGHT_AFTER = frozenset(("LPAR", "LSQB", "LCHOOSE", "DOT", "NEGATIVE"))
_TIGHT_BEFORE = frozenset(("RPAR", "RSQB", "RCHOOSE", "DOT", "COMMA", "COLON"))


def joined(words: Sequence[Word]) -> str:
    """The text of words on one line, with canonical spaces."""
    text = ""
    array = 0  # inside of how many square brackets
    for place, word in enumerate(words):
        array -= word.kind == "RSQB"
        if place and _spaced(words[place - 1], word, bool(array)):
            text += " "
        text += word.text
        array += word.kind == "LSQB"
    return text


def _spaced(before: Word, word: Word, in_index: bool) -> bool:
    """Whether a space stands between two words. `n[1..4]` is dense, `0.9 .. 1.1` is not."""
    if before.kind in _TIGHT_AFTER or word.kind in _TIGHT_BEFORE:
        return False
    if word.kind in ("LPAR", "LSQB"):  # a call or an index
        return before.kind not in ENDS_OPERAND
    if (before.kind, word.kind) == ("LBRACE", "RBRACE"):
        return False
    return not (in_index and "DOTS" in (before.kind, word.kind))


def leads(words: Sequence[Word], place: int) -> bool:
    """Whether a word begins the new line where a line is broken at it: an operator that is no key."""
    after = words[place + 1].kind if place + 1 < len(words) else ""
    before = words[place - 1].kind if place else ""
    return words[place].kind in _LEADING and after not in ("COLON", "DOT") and before != "DOT"


def pieces(words: Sequence[Word]) -> list[list[Word]]:
    """The words, split at the line breaks of canonical text."""
    broken = _breaks(words)
    found: list[list[Word]] = []
    for word, is_new in zip(words, broken, strict=True):
        if is_new or not found:
            found.append([])
        found[-1].append(word)
    return found


def _breaks(words: Sequence[Word]) -> list[bool]:
    """Whether a line begins at each word: where the text has a break, before an operator or after a comma.

    An opening bracket may end a line; then the closing one begins one. A comment always ends its line.
    """
    forced = [bool(word.comments) and place > 0 for place, word in enumerate(words)]
    wanted = [word.on_new_line and place > 0 for place, word in enumerate(words)]
    for place in range(1, len(words)):
        if wanted[place] and not forced[place]:
            if leads(words, place - 1) and place > 1:
                wanted[place - 1], wanted[place] = True, False
            elif words[place].kind == "COMMA" and place + 1 < len(words):
                wanted[place], wanted[place + 1] = False, True
    broken = [forced[place] or (wanted[place] and _may_begin(words, place)) for place in range(len(words))]
    for opening, closing in _brackets(words):
        is_block = words[opening].kind == "LBRACE"
        broken[closing] = forced[closing] or (broken[opening + 1] and closing > opening + 1 and not is_block)
    return broken


def _may_begin(words: Sequence[Word], place: int) -> bool:
    before = words[place - 1]
    opens = before.kind in OPENING and words[place].kind not in CLOSING
    return leads(words, place) or before.kind == "COMMA" or opens


def _brackets(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """The places of the brackets that belong together."""
    open: list[int] = []
    for place, word in enumerate(words):
        if word.kind in OPENING:
            open.append(place)
        elif word.kind in CLOSING and open:
            yield open.pop(), place


def head_end(words: Sequence[Word]) -> int:
    """Where the head of a line ends: after the `:` of a key, before the `=` of a name; 0 without either."""
    for place, word in enumerate(words):
        if word.depth == 0 and word.kind == "COLON":
            return place + 1
        if word.depth == 0 and word.kind == "EQUAL":
            return place
        if place and word.comments:
            break
    return 0


def cells(words: Sequence[Word]) -> list[str]:
    """The words as cells of columns: one begins before each `->`, `after` and `from` outside of brackets."""
    places = [place for place, word in enumerate(words) if place and begins_column(word)]
    return [joined(words[start:end]) for start, end in zip([0, *places], [*places, len(words)], strict=True)]


def begins_column(word: Word) -> bool:
    """Whether a word begins a cell of a column: `->`, `after` or `from` outside of brackets."""
    return word.depth == 0 and word.kind in ("PIPE", "AFTER", "FROM")
