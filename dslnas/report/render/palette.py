"""Colours of all pictures, for light and dark pages, and the styles of operations.

Operations are coloured by the family in their names: `sep_conv_3x3` and `sep_conv_5x5` share the colour
that the hash of `sep_conv` picks, and differ in their dashes. The colours are those of Okabe and Ito (2008)
without the yellow, and some of Tol's muted scheme (2021), chosen for readers of any colour vision.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

# Role in a picture -> colour on a light page, colour on a dark page.
ROLES: dict[str, tuple[str, str]] = {
    "ink": ("#1c2330", "#e6e9ee"),
    "muted": ("#667080", "#9aa4b3"),
    "line": ("#a3adba", "#6c7685"),
    "faint": ("#dfe4ea", "#343b46"),
    "surface": ("#fefefe", "#171b21"),
    "input-fill": ("#e9edf2", "#2a313b"),
    "input-line": ("#7c8796", "#8d98a8"),
    "node-fill": ("#fdeacc", "#4a3413"),
    "node-line": ("#d8901f", "#e0a44a"),
    "concat-fill": ("#dcebf5", "#16364a"),
    "concat-line": ("#3d83ad", "#67a9d0"),
    "accent": ("#0a6aa1", "#4ba3d6"),
    "warm": ("#c4520c", "#ee8446"),
    "on-accent": ("#fdfdfd", "#0d1116"),
}
FAMILIES: tuple[tuple[str, str], ...] = (
    ("#0072b2", "#55aae2"),
    ("#d55e00", "#f18c45"),
    ("#009e73", "#35c59d"),
    ("#cc79a7", "#e39cc4"),
    ("#e69f00", "#f3bf4d"),
    ("#56b4e9", "#93d1f4"),
    ("#882255", "#cf6c97"),
    ("#999933", "#c2c266"),
    ("#332288", "#9c8fe8"),
)
DASHES: tuple[tuple[float, ...], ...] = ((), (4.0, 1.6), (1.2, 1.4), (5.0, 1.5, 1.2, 1.5), (8.0, 2.0))
# Chosen such that few families of common spaces meet on a colour; where they do, the later one moves on.
_SALT = "4931"


@dataclass(frozen=True)
class Style:
    """How the lines of an operation look: a colour for light pages and a dash pattern in line widths."""

    colour: str
    dash: tuple[float, ...]


def colour(role: str) -> str:
    """The colour of a role on a light page."""
    return ROLES[role][0]


def family(label: str) -> str:
    """The label without sizes: `sep_conv_3x3` -> `sep_conv`, `asym5_7_1` and `asym5(7, 1)` -> `asym`."""
    name = re.sub(r"(?<=\w)\([^()]*\)$", "", label)
    return re.sub(r"(?:[\W_]*\d+(?:x\d+)*)+$", "", name) or label


def styles(labels: Iterable[str]) -> dict[str, Style]:
    """The style of every label; families in one picture have different colours as long as there are any."""
    labels = list(dict.fromkeys(labels))
    taken: dict[str, int] = {}
    for name in sorted({family(label) for label in labels}):
        first = int.from_bytes(sha256((_SALT + name).encode("utf-8", "replace")).digest()[:4]) % len(FAMILIES)
        free = [(first + step) % len(FAMILIES) for step in range(len(FAMILIES))]
        taken[name] = next((index for index in free if index not in taken.values()), first)
    found: dict[str, Style] = {}
    for name, index in taken.items():
        for rank, label in enumerate(sorted(label for label in labels if family(label) == name)):
            found[label] = Style(FAMILIES[index][0], DASHES[rank % len(DASHES)])
    return {label: found[label] for label in labels}


def css_name(light: str) -> str:
    """The CSS variable of a colour of `FAMILIES`, by its form on a light page."""
    return f"--family-{[pair[0] for pair in FAMILIES].index(light)}"


def css_variables() -> dict[str, tuple[str, str]]:
    """Every colour by the name of its CSS variable, on light and on dark pages."""
    named = {f"--{role}": pair for role, pair in ROLES.items()}
    return named | {f"--family-{index}": pair for index, pair in enumerate(FAMILIES)}
