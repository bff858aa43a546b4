"""Pictures of what has no branches: boxes in rows, an arrow from each to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

_WIDTH, _GAP, _HEIGHT, _ROW = 112, 92, 34, 110  # of a box, of an arrow, of a box, from row to row
_EDGE = 12  # around the whole
_STYLE = (
    "text{font:14px sans-serif;text-anchor:middle;fill:#1f2328}.note{font-size:12px;fill:#57606a}"
    ".arrow{font-style:italic;fill:#57606a}rect{fill:#eaeef2;stroke:#57606a}.open{fill:#fdebd0;stroke:#b9770e}"
    "path{fill:none;stroke:#57606a}"
)
_TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0 0 L8 4 L0 8" /></marker></defs>'
)


@dataclass(frozen=True)
class Box:
    """A box, what stands below it, and what stands on the arrow that leads to it.

    open: drawn as what is yet to be decided.
    """

    text: str
    note: str = ""
    arrow: str = ""
    open: bool = False


def chain(rows: Sequence[Sequence[Box]]) -> str:
    """The boxes as SVG, row by row; from the end of a row an arrow leads to the start of the next."""
    width = 2 * _EDGE + max(map(len, rows)) * (_WIDTH + _GAP) - _GAP
    height = 2 * _EDGE + (len(rows) - 1) * _ROW + _HEIGHT + 20
    parts = [part for number, row in enumerate(rows) for part in _row(number, row)]
    for number, (row, following) in enumerate(pairwise(rows)):
        parts += _turn(number, len(row), following[0].arrow)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        f"<style>{_STYLE}</style>{_TIP}{''.join(parts)}</svg>\n"
    )


def _row(number: int, boxes: Sequence[Box]) -> Iterator[str]:
    top = _EDGE + number * _ROW
    for place, box in enumerate(boxes):
        left = _EDGE + place * (_WIDTH + _GAP)
        kind = ' class="open"' if box.open else ""
        yield f'<rect{kind} x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" />'
        yield _text(left + _WIDTH // 2, top + _HEIGHT // 2 + 5, box.text)
        yield _text(left + _WIDTH // 2, top + _HEIGHT + 16, box.note, "note")
        if place:
            level = top + _HEIGHT // 2
            yield _arrow(f"M{left - _GAP} {level} H{left - 2}")
            yield _text(left - _GAP // 2, level - 7, box.arrow, "arrow")


def _turn(number: int, boxes: int, label: str) -> list[str]:
    """The arrow from the last box of a row, around, to the first of the next."""
    last = _EDGE + (boxes - 1) * (_WIDTH + _GAP) + _WIDTH
    top, below = _EDGE + number * _ROW + _HEIGHT // 2, _EDGE + (number + 1) * _ROW
    middle, right, first = below - 32, last + 10, _EDGE + _WIDTH // 2
    path = f"M{last} {top} H{right} V{middle} H{first} V{below - 2}"
    return [_arrow(path), _text((right + first) // 2, middle - 7, label, "arrow")]


def _arrow(path: str) -> str:
    return f'<path d="{path}" marker-end="url(#tip)" />'


def _text(x: int, y: int, text: str, kind: str = "text") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(text)}</text>' if text else ""
