"""Spelling suggestions: the known name closest to a misspelled one, for `did you mean ...?`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from . import limits


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean ...?` where a known name is close, else empty."""
    close = closest(name, known)
    return f"did you mean `{close}`?" if close else ""


def closest(name: str, known: Iterable[str]) -> str:
    """The known name most similar to `name`, first with case, then without; empty where none is close."""
    return _closest(name, tuple(known))


@lru_cache(maxsize=1024)  # a mistake occurs again each time its text is elaborated
def _closest(name: str, known: tuple[str, ...]) -> str:
    if len(name) >= 100 or len(known) > limits.NAMES_COMPARED:
        return ""
    if close := get_close_matches(name, known, n=1, cutoff=0.6):
        return close[0]
    spelled = {one.casefold(): one for one in known}
    return next((spelled[one] for one in get_close_matches(name.casefold(), spelled, n=1, cutoff=0.6)), "")
