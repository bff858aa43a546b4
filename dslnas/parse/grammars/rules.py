"""The rules of the grammar as plain data, as the parser has them, and what may stand beside what in them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from ..grammar import lark

# Of each rule its alternatives, each a sequence of rules and terminals.
Productions = Mapping[str, tuple[tuple[str, ...], ...]]

CALLEE = "callee"


def productions() -> Productions:
    """The rules of definitions, without texts that the grammar takes and the syntax tree refuses.

    Only a name is called and has parts, `choose` takes a call, and a genotype sets keys.
    """
    rules = dict[str, list[tuple[str, ...]]]()
    named = dict[str, list[tuple[str, ...]]]()
    for rule in lark().rules:
        name, symbols = str(rule.origin.name), tuple(str(symbol.name) for symbol in rule.expansion)
        rules.setdefault(name, []).append(symbols)
        named.setdefault(str(rule.alias or ""), []).append(symbols)
    calls = [(CALLEE, *symbols[1:]) for symbols in named["call"]]
    parts = [(CALLEE, *symbols[1:]) for symbols in named["member"]]
    instead = {
        **{symbols: [(CALLEE, *symbols[1:])] for symbols in (*named["call"], *named["member"])},
        **{symbols: [(symbols[0], *call) for call in calls] for symbols in named["choose_from"]},
    }
    narrowed = {
        name: tuple(new for symbols in found for new in instead.get(symbols, [symbols]))
        for name, found in rules.items()
    }
    for name in ("found", "_found_item"):
        keys = tuple(new for symbols in narrowed[name] for new in _keys(symbols, named["set_key"]))
        narrowed[name] = keys
    return {**narrowed, CALLEE: (("NAME",), *parts)}


def _keys(symbols: tuple[str, ...], keys: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return keys if symbols == ("setting",) else [symbols]


def words_as_names(rules: Productions) -> frozenset[str]:
    """The rules whose alternatives are single words, a name among them: there a keyword is no keyword."""
    return frozenset(
        name
        for name, found in rules.items()
        if ("NAME",) in found
        and len(found) > 1
        and all(len(one) == 1 and one[0] not in rules for one in found)
    )


def edges(rules: Productions, at: int) -> dict[str, frozenset[str]]:
    """The terminals with which each rule begins (`at` 0) or ends (`at` -1); of a terminal itself.

    No rule of the grammar is empty. A rule of words as names stands for itself.
    """
    whole = words_as_names(rules)
    found = {name: set[str]() for name in rules}
    found |= {symbol: {symbol} for alternatives in rules.values() for one in alternatives for symbol in one
              if symbol not in rules or symbol in whole}  # fmt: skip
    grown = True
    while grown:
        grown = False
        for name, alternatives in rules.items():
            if name in whole:
                continue
            new = set[str]().union(*(found[one[at]] for one in alternatives))
            grown |= not new <= found[name]
            found[name] |= new
    return {name: frozenset(symbols) for name, symbols in found.items()}


def neighbours(rules: Productions) -> frozenset[tuple[str, str]]:
    """The pairs of terminals, the second of which can follow the first."""
    first, last = edges(rules, 0), edges(rules, -1)
    whole = words_as_names(rules)
    return frozenset(
        (before, after)
        for name, alternatives in rules.items()
        if name not in whole
        for one in alternatives
        for left, right in pairwise(one)
        for before in last[left]
        for after in first[right]
    )
