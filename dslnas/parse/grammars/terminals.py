"""The terminals of the language for other tools: ASCII, no keyword among the names, and no lookahead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from ..grammar import keywords, lark
from .layout import BLANK, LINE, LINES, ON, TOP

WORD = "[A-Za-z0-9_]"
_OTHER_LETTERS = "À-ɏ"  # Latin, beside ASCII, in quoted texts and in comments
_DIALECT = {r"\d": "[0-9]", r"\w": WORD}
_PIECE = re.compile(r"\(\?:|\[(?:\\.|[^\]\\])*\]|\\.|[()|?*+]|.", re.DOTALL)


def patterns() -> dict[str, str]:
    """The regular expressions of the terminals that are no fixed text, and of the space between tokens."""
    texts = {
        str(one.name): _plain(str(one.pattern.value)) for one in lark().terminals if one.pattern.type == "re"
    }
    ignored = sorted(name for name in texts if name.startswith("__IGNORE"))
    blank, comment = sorted((texts.pop(name) for name in ignored), key=lambda text: "#" in text)
    blanks = f"{blank.removesuffix('+')}*" if blank.endswith("+") else f"(?:{blank})?"
    lines = f"(?:{blanks}(?:{comment})?{texts.pop('_NL')})+"
    return {
        **texts,
        "NAME": name_pattern(),
        BLANK: blank,
        ON: f"{blank}|{lines}{blank}",
        LINE: lines + blank,
        LINES: f"{blank}|{lines}{blanks}",
        TOP: lines,
    }


def fixed() -> Mapping[str, str]:
    """The terminals that are a fixed text each."""
    return {str(one.name): str(one.pattern.value) for one in lark().terminals if one.pattern.type == "str"}


def name_pattern() -> str:
    """A name that is no keyword, without lookahead: letter by letter, away from each keyword or beyond it."""
    return _but("", keywords())


def pieces(pattern: str) -> Iterable[str]:
    """The signs of a regular expression: classes, escapes, brackets, `|`, quantifiers, characters."""
    return _PIECE.findall(pattern)


def _plain(pattern: str) -> str:
    """A pattern with classes of ASCII in place of classes of Unicode."""
    return "".join(
        _printable(piece) if piece.startswith("[^") else _DIALECT.get(piece, _inside(piece))
        for piece in pieces(pattern)
    )


def _inside(piece: str) -> str:
    return re.sub(r"\\[dw]", lambda found: _DIALECT[found[0]][1:-1], piece) if piece[0] == "[" else piece


def _printable(negated: str) -> str:
    """The printable characters of a negated class."""
    kept = [code for code in range(32, 127) if re.fullmatch(negated, chr(code))]
    starts = [code for code in kept if code - 1 not in kept]
    ends = [code for code in kept if code + 1 not in kept]
    ranges = (
        _escaped(start) + ("-" + _escaped(end)) * (end > start)
        for start, end in zip(starts, ends, strict=True)
    )
    return f"[{''.join(ranges)}{_OTHER_LETTERS}]"


def _escaped(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "[]\\^-/" else chr(code)


def _but(start: str, words: Collection[str]) -> str:
    """What may follow `start` in a name that is none of some words, each of which begins with `start`."""
    following = sorted({word[len(start)] for word in words if len(word) > len(start)})
    branches = [
        letter + _but(start + letter, [word for word in words if word.startswith(start + letter)])
        for letter in following
    ]
    others = _without(following, begins=not start)
    after = f"{others}{WORD}*"
    if not start:
        return f"(?:{'|'.join((*branches, after))})"
    if not following:
        return f"{WORD}+"  # of one keyword alone: longer than it
    rest = f"(?:{'|'.join((*branches, after))})"
    return rest if start in words else f"{rest}?"


def _without(letters: Collection[str], *, begins: bool) -> str:
    """The class of characters of a name, without some; `begins`: of its first character."""
    every = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + "0123456789" * (not begins) + "_"
    kept = [ord(one) for one in every if one not in letters]
    starts = sorted(code for code in kept if code - 1 not in kept)
    ends = sorted(code for code in kept if code + 1 not in kept)
    text = "".join(
        chr(a) + (("-" if b > a + 1 else "") + chr(b)) * (b > a) for a, b in zip(starts, ends, strict=True)
    )
    return f"[{text}]"
