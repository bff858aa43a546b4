"""The grammar as a text for engines that hold a language model to a language while it writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

from ..grammar import keywords
from .layout import START, Item, Layout, Repeated
from .rules import productions
from .terminals import WORD, fixed, patterns, pieces

Target = Literal["lark", "gbnf", "llguidance"]
TARGETS: tuple[Target, ...] = get_args(Target)

# Written as a rule of its parts: `1..3` begins like a number with a fraction, and engines look one ahead.
_IN_PARTS = "NUMBER"
_ABOUT = (
    "A file of dslnas (.nas), for constrained decoding; `dslnas grammar` makes it of the parser's grammar.",
    "The parser reads what follows from it. Lines inside of a definition are indented; a definition begins",
    "at the first column.",
)
_QUANTIFIERS = ("?", "*", "+")
_SIGNS = {"(?:": "(", **{sign: sign for sign in ("(", ")", "|", *_QUANTIFIERS)}}
_SEEN = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t"})


def grammar_for(target: Target) -> str:
    """The grammar of files as a text.

    target: `lark` (rules and terminals as Lark writes them, without lookahead, imports and priorities),
    `llguidance` (the same with its `&` and `~`), or `gbnf` (llama.cpp, xgrammar; its start is `root`).
    """
    rules = Layout(productions()).spaced()
    lines = _gbnf(rules) if target == "gbnf" else _lark(rules, target)
    return "\n".join(lines) + "\n"


def _lark(rules: dict[str, tuple[tuple[Item, ...], ...]], target: Target) -> Iterable[str]:
    yield from (f"// {line}" for line in _ABOUT)
    yield ""
    texts, found = fixed(), patterns()
    words = {name: f'"{text}"' for name, text in texts.items()} | {_IN_PARTS: _IN_PARTS.lower()}
    for name, alternatives in rules.items():
        yield f"{name}: {_alternatives(alternatives, words)}"
    yield f"{_IN_PARTS.lower()}: {_rule(found.pop(_IN_PARTS), '/')}"
    yield ""
    if target == "llguidance":
        yield f"KEYWORD: {' | '.join(map(_quoted, sorted(keywords())))}"
        found["NAME"] = f"[A-Za-z_]{WORD}*"
    for name, pattern in found.items():
        without = " & ~KEYWORD" if target == "llguidance" and name == "NAME" else ""
        yield f"{name}: /{_class(pattern)}/{without}"


def _gbnf(rules: dict[str, tuple[tuple[Item, ...], ...]]) -> Iterable[str]:
    yield from (f"# {line}" for line in _ABOUT)
    yield ""
    found = patterns()
    words = {name: f'"{text}"' for name, text in fixed().items()} | {name: _dashed(name) for name in found}
    words |= {name: _dashed(name) for name in rules}
    for name, alternatives in rules.items():
        yield f"{'root' if name == START else _dashed(name)} ::= {_alternatives(alternatives, words)}"
    for name, pattern in found.items():
        yield f"{_dashed(name)} ::= {_rule(pattern, '')}"


def _dashed(name: str) -> str:
    """A name as GBNF has them: small letters and dashes; a terminal is told from a rule."""
    return f"t-{name.lower()}".replace("_", "-") if name.isupper() else name.replace("_", "-")


def _alternatives(alternatives: Iterable[Iterable[Item]], words: dict[str, str]) -> str:
    return " | ".join(" ".join(_item(item, words) for item in one) for one in alternatives)


def _item(item: Item, words: dict[str, str]) -> str:
    if not isinstance(item, Repeated):
        return words.get(item, item)
    text = _alternatives(item.alternatives, words)
    return (
        text + item.sign if re.fullmatch(r'[\w-]+|"[^" ]+"', text) and item.sign else f"({text}){item.sign}"
    )


def _rule(pattern: str, quote: str) -> str:
    """A regular expression as the right side of a rule.

    A run of characters is one text. quote: what stands around a class; in quotes it has its `+` with it.
    """
    parts, run = list[str](), ""
    signs = list(pieces(pattern))
    for piece, after in zip(signs, [*signs[1:], ""], strict=True):
        quantified, sign = after in _QUANTIFIERS, piece in _SIGNS
        literal = not sign and not piece.startswith("[")
        if run and (not literal or quantified):
            parts.append(_quoted(run))
            run = ""
        if literal:
            run += piece[-1] if piece.startswith("\\") and piece[1] not in "nrt" else piece
        elif sign:
            parts.append(_SIGNS[piece])
        else:
            parts.append(f"{quote}{_class(piece)}{quote}")
    parts += [_quoted(run)] * bool(run)
    text = re.sub(r" ([?*+])(?= |$)", r"\1", " ".join(parts)).replace("( ", "(").replace(" )", ")")
    return re.sub(r"\]/([*+])", lambda found: "]+/" + "?" * (found[1] == "*"), text)


def _class(text: str) -> str:
    """A regular expression, with tabs and newlines as signs that can be seen."""
    return text.translate(_SEEN)


def _quoted(text: str) -> str:
    return f'"{_class(text.replace(chr(34), chr(92) + chr(34)))}"'
