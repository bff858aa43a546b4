"""A reader of GBNF, the form of grammars of llama.cpp: whether a text is whole for a grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

_SIGN = re.compile(r'\s*(::=|"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[\w-]+|[()|?*+])')
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

# From a place in the text to the places where what is matched may end.
Match = Callable[[int], frozenset[int]]


class Gbnf:
    """A grammar; its rules have no left recursion, which llama.cpp refuses as well."""

    def __init__(self, text: str) -> None:
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.rules = {line.split(" ::= ")[0]: line.split(" ::= ")[1] for line in lines}

    def used(self, name: str) -> set[str]:
        """The rules that a rule names."""
        return {sign for sign in _SIGN.findall(self.rules[name]) if re.fullmatch(r"[\w-]+", sign)}

    def accepts(self, text: str) -> bool:
        """Whether the whole text follows from `root`."""
        found = dict[str, Match]()

        def rule(name: str) -> Match:
            if name not in found:
                waiting: Match = cache(lambda at: body(at))
                found[name] = waiting
                body = _alternatives(_Signs(self.rules[name]), rule, text)
            return found[name]

        return len(text) in rule("root")(0)


class _Signs:
    def __init__(self, text: str) -> None:
        self.rest = list(reversed(_SIGN.findall(text)))

    def next(self) -> str:
        return self.rest[-1] if self.rest else ""

    def take(self) -> str:
        return self.rest.pop()


def _alternatives(signs: _Signs, rule: Callable[[str], Match], text: str) -> Match:
    found = [_sequence(signs, rule, text)]
    while signs.next() == "|":
        signs.take()
        found.append(_sequence(signs, rule, text))
    return lambda at: frozenset().union(*(one(at) for one in found))


def _sequence(signs: _Signs, rule: Callable[[str], Match], text: str) -> Match:
    parts = list(_parts(signs, rule, text))

    def match(at: int) -> frozenset[int]:
        places = frozenset((at,))
        for part in parts:
            places = frozenset().union(*(part(place) for place in places))
        return places

    return match


def _parts(signs: _Signs, rule: Callable[[str], Match], text: str) -> Iterator[Match]:
    while signs.next() not in ("", "|", ")"):
        part = _part(signs, rule, text)
        sign = signs.take() if signs.next() in ("?", "*", "+") else ""
        yield _repeated(part, sign) if sign else part


def _part(signs: _Signs, rule: Callable[[str], Match], text: str) -> Match:
    sign = signs.take()
    if sign == "(":
        inner = _alternatives(signs, rule, text)
        assert signs.take() == ")"
        return inner
    if sign.startswith('"'):
        fixed = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), sign[1:-1])
        return lambda at: frozenset((at + len(fixed),) if text.startswith(fixed, at) else ())
    if sign.startswith("["):
        one = re.compile(sign)
        return lambda at: frozenset((at + 1,) if one.match(text, at) else ())
    return lambda at: rule(sign)(at)


def _repeated(part: Match, sign: str) -> Match:
    def match(at: int) -> frozenset[int]:
        found = part(at) if sign == "+" else frozenset((at,))
        new = found
        while new and sign != "?":
            new = frozenset().union(*(part(place) for place in new)) - found
            found |= new
        return found | part(at) if sign == "?" else found

    return match
