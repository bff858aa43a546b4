"""The rules by which an architecture looks degenerate, from the rules themselves."""

from __future__ import annotations

from inspect import getdoc

from dslnas.report.degeneracy import RULES

from .tables import table


def degeneracy() -> str:
    """Every rule: its name, when it speaks, and who says why."""
    rows = [(rule.name, _when(rule.reasons), rule.source) for rule in RULES]
    return table(("rule", "it speaks when", "after"), rows)


def _when(reasons: object) -> str:
    """The first sentence of a docstring, as the end of a sentence."""
    first = " ".join((getdoc(reasons) or "").partition("\n\n")[0].split()).removesuffix(".")
    return first[:1].lower() + first[1:]
