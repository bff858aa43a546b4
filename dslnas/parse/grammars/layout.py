"""The rules with the space between tokens written into them, which the lexer leaves out before the parser.

A newline separates, or goes on with the line before: inside `( )` and `[ ]`, after some tokens, before others
(`parse/tokens.py`). Here each rule stands in up to three forms: as it is, inside of round or square
brackets, and at the beginning of a line, where no operator may stand. Lines inside of a definition are
indented, so that none begins as a definition does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..grammar import lark
from ..tokens import CLOSE, GOES_ON_AFTER, GOES_ON_BEFORE, OPEN
from .rules import Productions, edges, neighbours, words_as_names

# The kinds of space between tokens, each a terminal of the new grammar.
BLANK = "BLANK"  # blanks
ON = "ON"  # blanks, or lines that end in an indented one
LINE = "LINE"  # lines that end in an indented one
LINES = "LINES"  # blanks, or lines
TOP = "TOP"  # lines that end at the first column
START = "start"


@dataclass(frozen=True)
class Repeated:
    """A sequence that stands as often as a sign says: `?`, `*` or `+`; with no sign, one of alternatives."""

    alternatives: tuple[tuple[Item, ...], ...]
    sign: str


Item = str | Repeated


@dataclass(frozen=True)
class Form:
    """Where a rule stands: inside of brackets, or at the beginning of a line."""

    inside: bool = False
    begins: bool = False

    @property
    def ending(self) -> str:
        """What the names of rules of this form end in."""
        return "_in" * self.inside + "_first" * self.begins


@dataclass(frozen=True)
class Layout:
    """The rules of a grammar, and their forms with space."""

    rules: Productions

    @cached_property
    def keywords(self) -> frozenset[str]:
        """The terminals that are words."""
        texts = {
            str(one.name): str(one.pattern.value) for one in lark().terminals if one.pattern.type == "str"
        }
        return frozenset(name for name, text in texts.items() if text.isalpha())

    @cached_property
    def _first(self) -> dict[str, frozenset[str]]:
        return edges(self.rules, 0)

    @cached_property
    def _last(self) -> dict[str, frozenset[str]]:
        return edges(self.rules, -1)

    @cached_property
    def _names(self) -> frozenset[str]:
        return words_as_names(self.rules)

    @cached_property
    def _infix(self) -> frozenset[str]:
        """The keywords that can follow a name or a number, from which a space parts them."""
        words = frozenset(("NAME", "NUMBER", *self._names))
        pairs = neighbours(self.rules)
        touching = sorted((a, b) for a, b in pairs if a in words and b in words)
        assert not touching, f"two words follow each other without a keyword: {touching}"
        return frozenset(after for before, after in pairs if before in words and after in self.keywords)

    def spaced(self) -> dict[str, tuple[tuple[Item, ...], ...]]:
        """The rules in all forms that a file needs, with their space; the first is `start`."""
        definition = self._name("definition", Form())
        more = Repeated(((TOP, definition),), "*")
        top = Repeated(((TOP,),), "?")
        found: dict[str, tuple[tuple[Item, ...], ...]] = {START: ((top, definition, more, top),)}
        waiting = [("definition", Form())]
        while waiting:
            rule, form = waiting.pop(0)
            name = self._name(rule, form)
            if name not in found:
                used = list[tuple[str, Form]]()
                found[name] = self._alternatives(rule, form, used)
                waiting += used
        return found

    def _name(self, rule: str, form: Form) -> str:
        return rule.lstrip("_") + form.ending

    def _alternatives(
        self, rule: str, form: Form, used: list[tuple[str, Form]]
    ) -> tuple[tuple[Item, ...], ...]:
        """The alternatives of a rule; one that begins with itself is written as a repetition."""
        found = [
            one for one in self.rules[rule] if not (form.begins and self._first[one[0]] <= GOES_ON_BEFORE)
        ]
        whole = merged([tuple(self._items(rule, one, form, used)) for one in found if one[0] != rule])
        after = Form(form.inside)
        tails = [one for one in found if one[0] == rule]
        more = merged([tuple(self._items(rule, one, after, used))[1:] for one in tails])
        if not more:
            return whole
        first: tuple[Item, ...] = whole[0] if len(whole) == 1 else (Repeated(whole, ""),)
        return ((*first, Repeated(more, "*")),)

    def _form(self, symbol: str, inside: bool, begins: bool) -> Form:
        """The form of a symbol; at the beginning of a line only where it could begin with an operator."""
        return Form(inside, begins and not inside and bool(self._first[symbol] & GOES_ON_BEFORE))

    def _items(
        self, rule: str, symbols: Sequence[str], form: Form, used: list[tuple[str, Form]]
    ) -> Iterator[Item]:
        """The symbols of an alternative with the space around each token."""
        nesting = [form.inside]
        for index, symbol in enumerate(symbols):
            inside = nesting[-1]
            begins = form.begins if index == 0 else "_NL" in self._last[symbols[index - 1]]
            if symbol not in self.rules:
                if symbol in OPEN:
                    nesting.append(symbol != "LBRACE")
                elif symbol in CLOSE:
                    nesting.pop()
                yield from self._token(symbol, nesting[-1], plain=rule in self._names)
            elif symbol.startswith("__"):  # a repetition
                yield from self._repeated(symbol, Form(inside, begins), used)
            elif index == 0 and symbol == rule:
                yield symbol
            else:
                place = self._form(symbol, inside, begins)
                used.append((symbol, place))
                yield self._name(symbol, place)

    def _repeated(self, rule: str, form: Form, used: list[tuple[str, Form]]) -> tuple[Item, ...]:
        """A rule of one alternative that is repeated once or more."""
        once = next(one for one in self.rules[rule] if one[0] != rule)
        first = tuple(self._items(rule, once, form, used))
        again = tuple(self._items(rule, once, Form(form.inside, "_NL" in self._last[once[-1]]), used))
        if first == again:
            return (Repeated((first,), "+"),)
        return (*first, Repeated((again,), "*"))

    def _token(self, token: str, inside: bool, *, plain: bool) -> Iterator[Item]:
        """A token with the space before and after it; `plain`: a keyword that is a name here."""
        if token == "_NL":
            yield LINE
            return
        word = token in self.keywords and not plain
        before = ON if inside or token in GOES_ON_BEFORE else BLANK
        if token in CLOSE:
            yield Repeated(((LINES,),), "?")
        elif word and token in self._infix:
            yield before
        elif before == ON and not inside and not plain:
            yield Repeated(((ON,),), "?")
        yield token
        after = ON if inside or (token in GOES_ON_AFTER and not plain) else BLANK
        yield after if word else Repeated(((after,),), "?")


def merged(alternatives: Sequence[tuple[Item, ...]]) -> tuple[tuple[Item, ...], ...]:
    """The alternatives, of which those that differ in a part that one lacks are one with `?`."""
    kept = list(dict.fromkeys(alternatives))
    while True:
        pair = next(
            ((long, short, one) for long in kept for short in kept if (one := _with_option(long, short))),
            None,
        )
        if pair is None:
            return _with_ending(kept)
        long, short, one = pair
        kept[kept.index(long)] = one
        kept.remove(short)


def _with_option(long: tuple[Item, ...], short: tuple[Item, ...]) -> tuple[Item, ...] | None:
    """The longer of two sequences, with `?` around what the shorter lacks; None where it is not one part."""
    lacking = len(long) - len(short)
    if lacking <= 0:
        return None
    same = next((at for at, (a, b) in enumerate(zip(long, short, strict=False)) if a != b), len(short))
    if long[same + lacking :] != short[same:]:
        return None
    part = long[same : same + lacking]
    often = part[0] if len(part) == 1 and isinstance(part[0], Repeated) and part[0].sign == "+" else None
    option = Repeated((part,), "?") if often is None else replace(often, sign="*")
    return (*long[:same], option, *long[same + lacking :])


def _with_ending(alternatives: Sequence[tuple[Item, ...]]) -> tuple[tuple[Item, ...], ...]:
    """The alternatives, with an item in which all of them end written once."""
    if len(alternatives) < 2 or len({one[-1] for one in alternatives}) > 1 or min(map(len, alternatives)) < 2:
        return tuple(alternatives)
    return ((Repeated(tuple(one[:-1] for one in alternatives), ""), alternatives[0][-1]),)
